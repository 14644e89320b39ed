// Holds five kinds of a cluster in client-go's shared informers, as a controller does, and says how much memory that
// takes: one line of JSON once all are listed, and one more for each line that it is given.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	if err != nil {
		panic(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		panic(err)
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	held := []cache.SharedIndexInformer{
		factory.Core().V1().Pods().Informer(),
		factory.Core().V1().Services().Informer(),
		factory.Core().V1().ConfigMaps().Informer(),
		factory.Apps().V1().Deployments().Informer(),
		factory.Apps().V1().StatefulSets().Informer(),
	}
	stop := make(chan struct{})
	factory.Start(stop)
	factory.WaitForCacheSync(stop)
	lines := bufio.NewScanner(os.Stdin)
	for {
		runtime.GC()
		debug.FreeOSMemory() // what it has given back is not held against it
		objects := 0
		for _, one := range held {
			objects += len(one.GetStore().ListKeys())
		}
		told, _ := json.Marshal(map[string]any{"objects": objects, "rss_mb": rssMB()})
		fmt.Println(string(told))
		if !lines.Scan() {
			return
		}
	}
}

func rssMB() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		var kB float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kB); err == nil {
			return kB / 1024
		}
	}
	return 0
}
