// Package callback verifies the callbacks of Sinch.
package callback

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const header = "X-Sinch-Webhook-Signature"

// Tolerance is the maximum difference between the timestamp of a callback and the current time.
const Tolerance = 300 * time.Second

var unixSeconds = regexp.MustCompile(`^[0-9]{1,15}$`)

// Verify returns the index of the secret that Sinch signed a callback with. After an error, respond with 401.
//
// The body is the request's body as it was received, before any JSON parsing. The secrets are the webhook's secret and
// previousSecret. Empty secrets are skipped.
func Verify(body []byte, headers http.Header, secrets []string, now time.Time) (int, error) {
	signature, nonce, timestamp := headers.Get(header), headers.Get(header+"-Nonce"), headers.Get(header+"-Timestamp")
	if signature == "" || nonce == "" {
		return 0, errors.New("the callback has no signature or no nonce")
	}
	if !strings.EqualFold(headers.Get(header+"-Algorithm"), "HmacSHA256") {
		return 0, errors.New("the algorithm is not HmacSHA256")
	}
	if !unixSeconds.MatchString(timestamp) {
		return 0, errors.New("the timestamp is not in unix seconds")
	}
	// Dots separate body, nonce and timestamp. Only the body may contain other dots.
	if strings.Contains(nonce, ".") {
		return 0, errors.New("the nonce holds a dot")
	}
	index := matching(fmt.Appendf(nil, "%s.%s.%s", body, nonce, timestamp), signature, secrets)
	if index < 0 {
		return 0, errors.New("the signature does not match")
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return 0, err
	}
	if age := now.Sub(time.Unix(seconds, 0)); age.Abs() > Tolerance {
		return 0, errors.New("the timestamp is too old or in the future")
	}
	return index, nil
}

// matching compares every secret, so that the time taken does not depend on which one matches.
func matching(signed []byte, signature string, secrets []string) int {
	index := -1
	for i, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(signed)
		expected := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if hmac.Equal([]byte(expected), []byte(signature)) && secret != "" && index < 0 {
			index = i
		}
	}
	return index
}
