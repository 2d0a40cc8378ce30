package cli
import ("testing";"os";"io";"runtime/pprof")
func TestProf(t *testing.T){
 d:=os.Getenv("PROFDIR"); if d=="" {t.Skip()}
 os.Chdir(d)
 f,_:=os.Create("/tmp/cpu.prof"); pprof.StartCPUProfile(f)
 Main([]string{"."}, nil, io.Discard, io.Discard)
 pprof.StopCPUProfile(); f.Close()
}
