package corpus_test
import ("testing";"fmt";"os";"path/filepath";"strings";"github.com/accord-search/accord/internal/corpus")
func TestZZ(t *testing.T){
 for _,p:=range strings.Fields(os.Getenv("ZZ")) { ms,_:=filepath.Glob(p); for _,m:=range ms { fmt.Println("#####",m); f,err:=corpus.Reader{}.Read(m,filepath.Base(m)); for _,l:=range strings.Split(describe(f,err),"\n") { if l=="" || strings.HasPrefix(l,"file") || l=="uri:       "||l=="source:    " {continue}; fmt.Println("  ",l)} } }
}
