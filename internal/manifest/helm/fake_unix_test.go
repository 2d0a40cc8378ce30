//go:build unix

package helm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test program play helm where it is called by that name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "helm" {
		fake(os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

// fake does what the name of the release says.
func fake(args []string) {
	if args[0] == "connect" {
		connect(args[1])
	}
	release, detail, _ := strings.Cut(args[len(args)-2], "@")
	fmt.Print("---\n# Source: top/templates/x.yaml\n")
	switch release {
	case "arguments":
		fmt.Println(strings.Join(args, "\n"))
	case "environment":
		fmt.Println(strings.Join(os.Environ(), "\n"))
	case "input":
		text, err := io.ReadAll(os.Stdin)
		fmt.Println(len(text), err)
	case "bomb":
		for line := []byte(strings.Repeat("x", 1<<16) + "\n"); ; {
			if _, err := os.Stdout.Write(line); err != nil {
				return
			}
		}
	case "limit":
		for limit := (syscall.Rlimit{Cur: 1 << 62}); ; time.Sleep(time.Millisecond) {
			if err := syscall.Getrlimit(syscall.RLIMIT_DATA, &limit); err != nil || limit.Cur < 1<<40 {
				fmt.Println(limit.Cur, err)
				return
			}
		}
	case "parent":
		program, _ := filepath.Abs(os.Args[0])
		child := exec.Command(program, "connect", detail)
		child.Args[0], child.Stdout, child.Stderr = "helm", os.Stdout, os.Stderr
		_ = child.Run()
	case "once":
		fmt.Println("a: 1")
		if companions, _ := filepath.Glob("chart/templates/*" + companionSuffix); len(companions) > 0 {
			os.Exit(1)
		}
	}
}

// connect connects to an address and stays there for good.
func connect(address string) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		os.Exit(1)
	}
	fmt.Fprintln(connection, "here")
	_, _ = io.Copy(io.Discard, connection)
	os.Exit(0)
}

// withFake puts a helm that is none on PATH.
func withFake(t *testing.T) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(program, filepath.Join(bin, "helm")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	watchTemporary(t)
}

// runFake renders a chart with the fake and returns what that printed.
func runFake(t *testing.T, o Options) string {
	t.Helper()
	withFake(t)
	all, err := mustRead(t, oneTemplate).Render(t.Context(), o)
	if err != nil || len(all) != 1 {
		t.Fatalf("Render: %v, %v", all, err)
	}
	return string(all[0].Text)
}

func TestRenderArguments(t *testing.T) {
	values := []Values{{Name: "x"}, {Name: "y"}}
	got := runFake(t, Options{Release: "arguments", Namespace: "-n", Values: values})
	want := "template\n--values=values-0.yaml\n--values=values-1.yaml\n--namespace=-n\n--\narguments\n./chart\n"
	if got != want {
		t.Errorf("arguments\n%s\nwant\n%s", got, want)
	}
}

// TestRenderEnvironment has a secret in the environment, and a configuration
// of helm and of kubectl.
func TestRenderEnvironment(t *testing.T) {
	for _, name := range []string{"GITHUB_TOKEN", "HELM_NAMESPACE", "HELM_PLUGINS", "KUBECONFIG", "HOME", "HTTPS_PROXY"} {
		t.Setenv(name, "/secret")
	}
	got := runFake(t, Options{Release: "environment", Memory: 1 << 30})
	if strings.Contains(got, "secret") || strings.Contains(got, "\nPATH=") {
		t.Errorf("helm sees\n%s", got)
	}
	if !strings.Contains(got, "GOMEMLIMIT=805306368\n") {
		t.Errorf("no limit in\n%s", got)
	}
}

func TestRenderInput(t *testing.T) {
	if got := runFake(t, Options{Release: "input"}); got != "0 <nil>\n" {
		t.Errorf("helm reads %s", got)
	}
}

func TestRenderOutputBomb(t *testing.T) {
	withFake(t)
	if _, err := mustRead(t, oneTemplate).Render(t.Context(), Options{Release: "bomb", Timeout: time.Minute}); !errors.Is(err, ErrOutput) {
		t.Errorf("Render: %v", err)
	}
}

// TestRenderWithoutLines has a second rendering that fails.
func TestRenderWithoutLines(t *testing.T) {
	withFake(t)
	all, err := mustRead(t, oneTemplate).Render(t.Context(), Options{Release: "once"})
	if err != nil || len(all) != 1 || annotated(string(all[0].Text), all[0].Lines) != "a: 1[0]" {
		t.Errorf("Render: %v, %v", all, err)
	}
}

func TestRenderNoHelm(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := mustRead(t, oneTemplate).Render(t.Context(), Options{}); !errors.Is(err, ErrNoHelm) {
		t.Errorf("Render: %v", err)
	}
}

func TestRenderLibrary(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	c := mustRead(t, "-- Chart.yaml --\nname: x\ntype: library\n")
	if _, err := c.Render(t.Context(), Options{}); !errors.Is(err, ErrLibrary) {
		t.Errorf("Render: %v", err)
	}
}

// TestRenderKillsAll has a helm that starts another process, which would stay
// when only helm is killed. The connection to it ends when it does.
func TestRenderKillsAll(t *testing.T) {
	withFake(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error)
	c := mustRead(t, oneTemplate)
	go func() {
		_, err := c.Render(ctx, Options{Release: "parent@" + listener.Addr().String(), Timeout: time.Hour})
		done <- err
	}()
	connection, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	in := bufio.NewReader(connection)
	if line, err := in.ReadString('\n'); line != "here\n" {
		t.Fatalf("the process says %q, %v", line, err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Render: %v", err)
	}
	if err := connection.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := in.ReadByte(); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the process that helm started is still there")
	}
}
