package clip

import (
	"testing"

	"genlab/lib/backend/backendtest"
)

func TestMain(m *testing.M) { backendtest.Main(m) }
