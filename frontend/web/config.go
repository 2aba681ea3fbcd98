package web

import "time"

// Config is what operators may decide about the hall.
type Config struct {
	Secure          bool          // served over HTTPS: __Host- cookie, HSTS
	TrustedProxies  []string      // addresses whose X-Forwarded-For is believed; none by default
	CrossOriginOpen []string      // ServeMux patterns that other origins may post to
	FormTargets     []string      // origins that forms may lead to, such as a wallet's page
	FrameSources    []string      // origins whose videos may be embedded
	Quiet           []string      // path prefixes without session, actor and access log
	MaxBody         int64         // bytes of a request
	MaxUpload       int64         // bytes of a request with files
	Limits          Limits        // by class of route; a class without limit is free
	PaceSize        int           // addresses remembered for Limits
	IdempotencyLife time.Duration // keys are remembered so long; the API's description says it
	IdempotencyHold time.Duration // after this a request that never ended may be tried again
}

// Limits are requests per address, by class of route: "read" (GET, HEAD),
// "write", "notice" (payment notices), and the classes doors give to Limit.
type Limits map[string]Rate

// Rate is so many requests a second in the long run, and Burst at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

// DefaultConfig is made for one process at http://127.0.0.1. Limits leave room
// for a village behind one address.
func DefaultConfig() Config {
	return Config{
		CrossOriginOpen: []string{"POST /api/v1/payments/{provider}/notices"},
		Quiet:           []string{"/assets/", "/photos/", "/healthz", "/readyz", "/metrics"},
		MaxBody:         1 << 20,
		MaxUpload:       16 << 20,
		Limits: Limits{
			"read":   {PerSecond: 50, Burst: 300},
			"write":  {PerSecond: 5, Burst: 100},
			"notice": {PerSecond: 100, Burst: 1000},
			"signin": {PerSecond: 0.2, Burst: 30},
		},
		PaceSize:        100_000,
		IdempotencyLife: 24 * time.Hour,
		IdempotencyHold: time.Minute,
	}
}
