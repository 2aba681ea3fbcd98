package momo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// raw is what MoMo signs: name=value joined with &, names sorted, values as
// they are. The access key is signed but not sent.
func (p Provider) raw(fields map[string]string) string {
	all := maps.Clone(fields)
	all["accessKey"] = p.c.AccessKey.Reveal()
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		parts = append(parts, name+"="+all[name])
	}
	return strings.Join(parts, "&")
}

func (p Provider) sign(fields map[string]string) string {
	h := hmac.New(sha256.New, []byte(p.c.SecretKey.Reveal()))
	h.Write([]byte(p.raw(fields)))
	return hex.EncodeToString(h.Sum(nil))
}

func (p Provider) genuine(fields map[string]string, signature string) bool {
	return hmac.Equal([]byte(p.sign(fields)), []byte(signature))
}
