// A counter's client of the exchange on Go's standard library alone, written from the protocol: it
// signs a request, posts it, and verifies the receipt, the answer and its disclosures. It shows that
// another language needs no library of ours. Reads one JSON object from stdin, writes one to stdout.
package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	Kid string `json:"kid,omitempty"`
	X   string `json:"x"`
	Y   string `json:"y,omitempty"`
	D   string `json:"d,omitempty"`
}

type task struct {
	URL         string                     `json:"url"`
	Origin      string                     `json:"origin"`
	Participant string                     `json:"participant"`
	Kid         string                     `json:"kid"`
	Key         jwk                        `json:"key"`
	Service     string                     `json:"service"`
	Purpose     string                     `json:"purpose"`
	Facts       map[string]json.RawMessage `json:"facts"`
}

type header struct {
	Alg string `json:"alg"`
	Kid string `json:"kid"`
	Typ string `json:"typ"`
}

type receipt struct {
	Aud       string `json:"aud"`
	InReplyTo string `json:"in_reply_to"`
	ReqS256   string `json:"req_s256"`
	InqID     string `json:"inq_id"`
	Outcome   string `json:"outcome"`
	Answer    string `json:"answer_s256"`
	Leaf      string `json:"leaf"`
}

type answer struct {
	Iss     string   `json:"iss"`
	ReqS256 string   `json:"req_s256"`
	InqID   string   `json:"inq_id"`
	Outcome string   `json:"outcome"`
	Digests []string `json:"_sd"`
}

type report struct {
	Inquiry         string                     `json:"inquiry"`
	Status          int                        `json:"status"`
	ReceiptVerified bool                       `json:"receipt_verified"`
	AnswerVerified  bool                       `json:"answer_verified"`
	Outcome         string                     `json:"outcome"`
	Leaf            string                     `json:"leaf"`
	Fields          map[string]json.RawMessage `json:"fields"`
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return encode(sum[:])
}

func random(length int) []byte {
	data := make([]byte, length)
	rand.Read(data)
	return data
}

// inquiryID makes a UUIDv7 (RFC 9562 §5.7).
func inquiryID(now time.Time) string {
	id := random(16)
	ms := now.UnixMilli()
	for i := 0; i < 6; i++ {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// sign makes a compact JWS (RFC 7515 §7.1) with ES256 (RFC 7518 §3.4) or Ed25519 (RFC 8037 §3.1).
func sign(typ string, claims any, kid string, key jwk) (string, error) {
	alg := map[string]string{"EC": "ES256", "OKP": "Ed25519"}[key.Kty]
	head, err := json.Marshal(header{alg, kid, typ})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	input := encode(head) + "." + encode(payload)
	secret, err := decode(key.D)
	if err != nil {
		return "", err
	}
	if alg == "Ed25519" {
		return input + "." + encode(ed25519.Sign(ed25519.NewKeyFromSeed(secret), []byte(input))), nil
	}
	x, errX := decode(key.X)
	y, errY := decode(key.Y)
	if errX != nil || errY != nil {
		return "", errors.Join(errX, errY)
	}
	private := &ecdsa.PrivateKey{PublicKey: publicKey(x, y), D: new(big.Int).SetBytes(secret)}
	sum := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
	if err != nil {
		return "", err
	}
	return input + "." + encode(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)), nil
}

// verify gives the payload of a compact JWS of this typ that the key has signed.
func verify(jws, typ string, keyOf func(kid string) (jwk, error), into any) error {
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		return errors.New("a JWS has three segments")
	}
	decoded := make([][]byte, 3)
	for i, part := range parts {
		data, err := decode(part)
		if err != nil {
			return err
		}
		decoded[i] = data
	}
	var head header
	if err := json.Unmarshal(decoded[0], &head); err != nil {
		return err
	}
	if head.Typ != typ || len(decoded[2]) != 64 {
		return errors.New("another kind of message, or no signature")
	}
	key, err := keyOf(head.Kid)
	if err != nil {
		return err
	}
	input := []byte(parts[0] + "." + parts[1])
	if !holds(head.Alg, key, input, decoded[2]) {
		return errors.New("the signature does not hold")
	}
	return json.Unmarshal(decoded[1], into)
}

func publicKey(x, y []byte) ecdsa.PublicKey {
	return ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
}

func holds(alg string, key jwk, input, signature []byte) bool {
	x, errX := decode(key.X)
	y, errY := decode(key.Y)
	if errX != nil || errY != nil {
		return false
	}
	switch {
	case alg == "Ed25519" && key.Crv == "Ed25519" && len(x) == ed25519.PublicKeySize:
		return ed25519.Verify(x, input, signature)
	case alg == "ES256" && key.Crv == "P-256":
		// Only a point of the curve is a key (SEC 1 §2.3.4, uncompressed).
		if _, err := ecdh.P256().NewPublicKey(append(append([]byte{4}, x...), y...)); err != nil {
			return false
		}
		public := publicKey(x, y)
		sum := sha256.Sum256(input)
		r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
		return ecdsa.Verify(&public, sum[:], r, s)
	}
	return false
}

func get(url string, into any) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d", response.StatusCode)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// exchangeKey finds a key among those that the exchange publishes.
func exchangeKey(url string) func(string) (jwk, error) {
	return func(kid string) (jwk, error) {
		var set struct {
			Keys []jwk `json:"keys"`
		}
		if err := get(url+"/.well-known/jwks.json", &set); err != nil {
			return jwk{}, err
		}
		for _, key := range set.Keys {
			if key.Kid == kid {
				return key, nil
			}
		}
		return jwk{}, errors.New("the exchange publishes no such key")
	}
}

// registeredKey finds a key on record, and checks whose it is.
func registeredKey(url, owner string) func(string) (jwk, error) {
	return func(kid string) (jwk, error) {
		var record struct {
			Jwk   jwk    `json:"jwk"`
			Owner string `json:"owner"`
		}
		if err := get(url+"/v1/keys/"+kid, &record); err != nil {
			return jwk{}, err
		}
		if record.Owner != owner {
			return jwk{}, errors.New("the key is somebody else's")
		}
		return record.Jwk, nil
	}
}

type asked struct{ id, jti, jws, text string }

// build signs a request: its facts as salted digests only, the disclosures behind it (RFC 9901).
func build(t task, now time.Time) (asked, error) {
	digests, disclosures := []string{}, []string{}
	for name, value := range t.Facts {
		text, err := json.Marshal([]any{encode(random(16)), name, value})
		if err != nil {
			return asked{}, err
		}
		disclosure := encode(text)
		disclosures = append(disclosures, disclosure)
		digests = append(digests, digest(disclosure))
	}
	slices.Sort(digests)
	id, jti := inquiryID(now), encode(random(16))
	claims := map[string]any{
		"iss": t.Participant,
		"aud": t.Origin + "/v1/inquiries",
		"iat": now.Unix(),
		"exp": now.Unix() + 60,
		"jti": jti,
		"inq": map[string]any{
			"id":       id,
			"seq":      1,
			"service":  t.Service,
			"purpose":  t.Purpose,
			"basis":    "civil-code-1.12",
			"station":  "till-go",
			"presence": "in-person",
		},
		"_sd": digests,
	}
	jws, err := sign("inq-request+sd-jwt", claims, t.Kid, t.Key)
	if err != nil {
		return asked{}, err
	}
	return asked{id, jti, jws, jws + "~" + strings.Join(disclosures, "~") + "~"}, nil
}

// open gives the facts of an answer; each must be one of its digests.
func open(disclosures, digests []string) (map[string]json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	for _, text := range disclosures {
		if !slices.Contains(digests, digest(text)) {
			return nil, errors.New("a disclosure has no digest")
		}
		data, err := decode(text)
		if err != nil {
			return nil, err
		}
		var parts []json.RawMessage
		var name string
		if err := json.Unmarshal(data, &parts); err != nil || len(parts) != 3 {
			return nil, errors.New("a disclosure has three elements")
		}
		if err := json.Unmarshal(parts[1], &name); err != nil {
			return nil, err
		}
		fields[name] = parts[2]
	}
	return fields, nil
}

func run(t task) (report, error) {
	request, err := build(t, time.Now())
	if err != nil {
		return report{}, err
	}
	response, err := http.Post(t.URL+"/v1/inquiries", "application/sd-jwt", strings.NewReader(request.text))
	if err != nil {
		return report{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return report{}, err
	}
	said := report{Inquiry: request.id, Status: response.StatusCode}
	var told struct{ Receipt, Answer string }
	if err := json.Unmarshal(body, &told); err != nil {
		return said, err
	}

	var r receipt
	if err := verify(told.Receipt, "inq-receipt+jwt", exchangeKey(t.URL), &r); err != nil {
		return said, err
	}
	said.Outcome, said.Leaf = r.Outcome, r.Leaf
	said.ReceiptVerified = r.Aud == t.Participant && r.InReplyTo == request.jti &&
		r.ReqS256 == digest(request.jws) && r.InqID == request.id

	parts := strings.Split(strings.TrimSuffix(told.Answer, "~"), "~")
	agency := "agency:" + strings.Split(t.Service, "/")[0]
	var a answer
	if err := verify(parts[0], "inq-response+sd-jwt", registeredKey(t.URL, agency), &a); err != nil {
		return said, err
	}
	said.Fields, err = open(parts[1:], a.Digests)
	said.AnswerVerified = err == nil && digest(parts[0]) == r.Answer && a.Iss == agency &&
		a.ReqS256 == r.ReqS256 && a.InqID == request.id && a.Outcome == r.Outcome
	return said, err
}

func main() {
	var t task
	input, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = json.NewDecoder(bytes.NewReader(input)).Decode(&t)
	}
	var said report
	if err == nil {
		said, err = run(t)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		os.Exit(1)
	}
}
