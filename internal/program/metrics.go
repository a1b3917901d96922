package program

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are the figures of the process and of the mail servers.
func (in *Instance) metrics() prometheus.Gatherer {
	reg := prometheus.NewRegistry()
	reg.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		connections{in, prometheus.NewDesc("catchpost_connections", "Connections of the mail servers now.", []string{"server"}, nil)},
	)
	return reg
}

// connections collects the open connections by kind of listener.
type connections struct {
	in   *Instance
	desc *prometheus.Desc
}

func (c connections) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

func (c connections) Collect(ch chan<- prometheus.Metric) {
	for name, counts := range c.in.counts {
		sum := 0
		for _, count := range counts {
			sum += count()
		}
		ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(sum), name)
	}
}
