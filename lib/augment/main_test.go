package augment

import (
	"testing"

	"genlab/lib/backend/backendtest"
)

func TestMain(m *testing.M) { backendtest.OnGo(m) }
