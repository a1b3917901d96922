package api

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/catchpost/catchpost/store"
)

// metrics are the counters of this server; those of the others are gathered
// with them for the administrator.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	problems *prometheus.CounterVec
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "catchpost_http_request_seconds", Help: "Time to answer an HTTP request; waits and streams included.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .05, .25, 1, 10, 60},
		}, []string{"method", "route", "status"}),
		problems: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "catchpost_http_problems_total", Help: "Errors answered, by code.",
		}, []string{"code"}),
	}
	m.registry.MustRegister(m.requests, m.problems,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "catchpost_http_waits", Help: "Requests that wait or listen now.",
		}, func() float64 { return float64(s.waits.count()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "catchpost_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": s.cfg.Version},
		}, func() float64 { return 1 }),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		boxCollector{s, ""},
	)
	return m
}

func (m *metrics) problem(code string) { m.problems.WithLabelValues(code).Inc() }

// measure times every request by its route, never by its path.
func (s *Server) measure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := time.Now()
		err := next(c)
		if err != nil {
			s.writeError(err, c)
		}
		route := c.Path()
		if route == "" {
			route = "none"
		}
		took := time.Since(started)
		s.metrics.requests.WithLabelValues(method(c), route, strconv.Itoa(c.Response().Status)).Observe(took.Seconds())
		s.log.Debug("http", "method", c.Request().Method, "route", route, "status", c.Response().Status,
			"took", took, "client", s.clientAddress(c.Request()))
		return nil
	}
}

// method keeps invented methods from making metrics of their own.
func method(c echo.Context) string {
	switch m := c.Request().Method; m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	}
	return "other"
}

// boxCollector tells the sandboxes' counters: of all, or of one.
type boxCollector struct {
	s    *Server
	only string
}

var (
	boxMessages = prometheus.NewDesc("catchpost_sandbox_messages", "Messages kept.", []string{"sandbox"}, nil)
	boxBytes    = prometheus.NewDesc("catchpost_sandbox_bytes", "Octets kept.", []string{"sandbox"}, nil)
	boxPruned   = prometheus.NewDesc("catchpost_sandbox_pruned_total", "Messages lost to limits.", []string{"sandbox"}, nil)
	boxQueue    = prometheus.NewDesc("catchpost_queue_entries", "Queue entries by state.", []string{"sandbox", "state"}, nil)
	boxSequence = prometheus.NewDesc("catchpost_sandbox_sequence", "Newest change.", []string{"sandbox"}, nil)
)

// Describe implements prometheus.Collector.
func (b boxCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- boxMessages
	ch <- boxBytes
	ch <- boxPruned
	ch <- boxSequence
	ch <- boxQueue
}

// Collect implements prometheus.Collector.
func (b boxCollector) Collect(ch chan<- prometheus.Metric) {
	boxes, err := b.s.store.Sandboxes(b.s.running)
	if err != nil {
		return
	}
	sizes := b.s.store.QueueSizes()
	for _, box := range boxes {
		if b.only != "" && box.Name != b.only {
			continue
		}
		for desc, value := range boxValues(box) {
			kind := prometheus.GaugeValue
			if desc == boxPruned {
				kind = prometheus.CounterValue
			}
			ch <- prometheus.MustNewConstMetric(desc, kind, value, box.Name)
		}
		for state, n := range sizes[box.Name] {
			ch <- prometheus.MustNewConstMetric(boxQueue, prometheus.GaugeValue, float64(n), box.Name, string(state))
		}
	}
}

func boxValues(b store.Sandbox) map[*prometheus.Desc]float64 {
	return map[*prometheus.Desc]float64{
		boxMessages: float64(b.Messages), boxBytes: float64(b.Bytes),
		boxPruned: float64(b.Pruned), boxSequence: float64(b.Sequence),
	}
}

// getMetrics serves the metrics; a sandbox's token sees its own sandbox's alone.
//
//	@Summary	Metrics for Prometheus
//	@Tags		server
//	@Produce	plain
//	@Success	200		{file}		binary
//	@Failure	default	{object}	model.Problem
//	@Router		/metrics [get]
func (s *Server) getMetrics(r *request) (any, error) {
	own := s.gatherer(r.caller)
	return stream(func(r *request) error {
		promhttp.HandlerFor(own, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}).ServeHTTP(r.Response(), r.Request())
		return nil
	}), nil
}

// gatherer is what a caller may see.
func (s *Server) gatherer(who caller) prometheus.Gatherer {
	if !who.admin {
		own := prometheus.NewRegistry()
		own.MustRegister(boxCollector{s, who.sandbox})
		return own
	}
	all := prometheus.Gatherers{s.metrics.registry}
	if s.cfg.Metrics != nil {
		all = append(all, s.cfg.Metrics)
	}
	return all
}
