// The one program in every test image. Its last argument says how it lives: that of the image's entrypoint, or a command of convox.yml.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// keys of the environment, without those that Kubernetes gives to everybody, and never their values.
func keys() []string {
	var names []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "KUBERNETES_") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

func untilToldToStop() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	<-told
}

// serve answers every path with release and greeting, /health and /live as told; requests under way are finished when it is told to stop.
func serve(healthy, alive func() bool) {
	answer := func(good func() bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if !good() {
				http.Error(w, "not well", http.StatusServiceUnavailable)
				return
			}
			fmt.Fprintln(w, "well")
		}
	}
	http.HandleFunc("/health", answer(healthy))
	http.HandleFunc("/live", answer(alive))
	// What its mounts hold.
	http.Handle("/file/", http.StripPrefix("/file/", http.FileServer(http.Dir("/"))))
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%s %s\n", os.Getenv("RELEASE"), os.Getenv("GREETING"))
	})
	go func() {
		fmt.Println("listening on 5000")
		fmt.Println(http.ListenAndServe(":5000", nil))
		os.Exit(3)
	}()
	untilToldToStop()
	fmt.Println("told to stop")
}

func always() bool { return true }

// onceAsked is always well, and does something that long after it was first asked: from then on the process counts as ready.
func onceAsked(wait time.Duration, do func()) func() bool {
	var first sync.Once
	return func() bool {
		first.Do(func() { time.AfterFunc(wait, do) })
		return true
	}
}

func after(wait time.Duration) func() bool {
	var yes atomic.Bool
	time.AfterFunc(wait, func() { yes.Store(true) })
	return yes.Load
}

func exit(code int, lines ...string) {
	for _, line := range lines {
		fmt.Println(line)
	}
	os.Exit(code)
}

func main() {
	life := "serve"
	if len(os.Args) > 1 {
		life = os.Args[len(os.Args)-1]
	}
	switch life {
	case "pause":
		untilToldToStop()
	case "serve":
		fmt.Println("env:", strings.Join(keys(), " "))
		serve(always, always)
	case "work":
		fmt.Println("working")
		untilToldToStop()
	case "leave-a-note":
		// Of an init container or a hook, for /file/.
		if err := os.WriteFile("/scratch/note-of-"+os.Args[len(os.Args)-2], []byte("was here\n"), 0o644); err != nil {
			exit(1, err.Error())
		}
	case "crash":
		exit(1, "starting", "panic: DATABASE_URL is not set")
	case "eat":
		fmt.Println("loading the whole catalogue into memory")
		var eaten [][]byte
		for {
			bite := make([]byte, 8<<20)
			for i := range bite {
				bite[i] = 1
			}
			eaten = append(eaten, bite)
		}
	case "never-ready":
		serve(func() bool { return false }, always)
	case "exit-after-ready":
		serve(onceAsked(8*time.Second, func() { exit(7, "panic: the queue is gone") }), always)
	case "work-then-exit":
		time.AfterFunc(5*time.Second, func() { exit(7, "panic: the queue is gone") })
		untilToldToStop()
	case "slow":
		ready := after(8 * time.Second)
		serve(ready, always)
	case "liveness":
		var dead atomic.Bool
		serve(onceAsked(6*time.Second, func() { dead.Store(true) }), func() bool { return !dead.Load() })
	case "migrate":
		fmt.Println("migrating with", strings.Join(keys(), " "))
		exit(0, "applied 0001_first", "applied 0002_second")
	case "migrate-fails":
		exit(1, "applied 0001_first", "panic: column shops.name does not exist")
	default:
		exit(64, "unknown life: "+life)
	}
}
