// This file lets library.go declare functions of lingua-go without a body. The compiler allows that
// only in a package that has an assembly file.
