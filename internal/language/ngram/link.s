// The compiler accepts functions without a body, such as those of lingua-go that library.go
// declares, only in a package with a file like this one.
