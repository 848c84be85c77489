// Command receiver accepts the callbacks that are signed with one of its secrets.
package main

import (
	"cmp"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"sinch-go/callback"
)

func main() {
	secrets := []string{os.Getenv("SINCH_WEBHOOK_SECRET"), os.Getenv("SINCH_WEBHOOK_PREVIOUS_SECRET")}
	http.HandleFunc("POST /sinch", func(response http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			http.Error(response, "", http.StatusBadRequest)
			return
		}
		which, err := callback.Verify(body, request.Header, secrets, time.Now())
		if err != nil {
			log.Print("rejected a callback: ", err)
			http.Error(response, "", http.StatusUnauthorized)
			return
		}
		var event struct{ Type string }
		if err := json.Unmarshal(body, &event); err != nil {
			http.Error(response, "", http.StatusBadRequest)
			return
		}
		log.Printf("accepted %s, signed with secret %d", event.Type, which)
		response.WriteHeader(http.StatusNoContent)
	})
	address := "127.0.0.1:" + cmp.Or(os.Getenv("PORT"), "8000")
	log.Printf("listening on http://%s/sinch", address)
	log.Fatal(http.ListenAndServe(address, nil))
}
