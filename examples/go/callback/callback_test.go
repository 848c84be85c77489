package callback

import (
	"cmp"
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"time"
)

type vector struct {
	Name    string
	Body    []byte // base64 in the file
	Headers map[string]string
	Secrets []string
	Now     int64
	Matches *int
}

func TestVectors(t *testing.T) {
	text, err := os.ReadFile(cmp.Or(os.Getenv("VECTORS"), "../../../docs/callback-vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, vector := range file.Vectors {
		t.Run(vector.Name, func(t *testing.T) {
			headers := http.Header{}
			for name, value := range vector.Headers {
				headers.Set(name, value)
			}
			index, err := Verify(vector.Body, headers, vector.Secrets, time.Unix(vector.Now, 0))
			if accepted := err == nil; accepted != (vector.Matches != nil) {
				t.Fatalf("accepted: %v, %v", accepted, err)
			}
			if vector.Matches != nil && index != *vector.Matches {
				t.Fatalf("secret %d, expected %d", index, *vector.Matches)
			}
		})
	}
}
