package memory_test

import (
	"testing"

	"chohue/store"
	"chohue/store/memory"
	"chohue/store/storetest"
)

func fresh(t *testing.T) store.Engine {
	e := memory.New()
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func TestContract(t *testing.T) { storetest.Run(t, fresh) }

func TestReopen(t *testing.T) {
	storetest.RunReopen(t, func(*testing.T) func() store.Engine {
		disk := &memory.Disk{}
		return func() store.Engine { return memory.Open(disk) }
	})
}

func TestModel(t *testing.T) { storetest.RunModel(t, fresh(t)) }
