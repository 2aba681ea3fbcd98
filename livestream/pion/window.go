package pion

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"chohue/livestream"
)

// window is the end of the show as HLS has it: RFC 8216, fragmented MP4, no
// partial segments, because the way in which they are announced changes while
// a phone's picture changes, and players of Apple's stop then.
type window struct {
	mu     sync.Mutex
	heads  map[int][]byte // by number: every publication has its own
	head   int            // number of the newest; the first is 1
	files  []windowFile
	next   int // number of the next file
	breaks int // changes of head that have left the window
	joined bool
}

type windowFile struct {
	number, head int
	first        bool // it does not go on where the one before stopped
	length       time.Duration
	data         []byte
}

// windowFiles is how many fragments are offered: players begin three before
// the end, and some are slow.
const windowFiles = 7

const mp4Type = "video/mp4"

func (w *window) add(f fragment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f.head {
		if w.heads == nil {
			w.heads = map[int][]byte{}
		}
		w.head++
		w.heads[w.head], w.joined = f.data, false
		return
	}
	w.files = append(w.files, windowFile{w.next, w.head, !w.joined, f.length, f.data})
	w.next++
	w.joined = true
	if len(w.files) > windowFiles {
		w.forget()
	}
}

func (w *window) forget() {
	old := w.files[0]
	w.files = w.files[1:]
	if w.files[0].head != old.head {
		delete(w.heads, old.head)
	}
	if w.files[0].first {
		w.breaks++
	}
}

// ready reports whether there is enough for a player to begin.
func (w *window) ready() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.files) >= 2
}

func (w *window) file(name string) (livestream.Segment, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.files) == 0 {
		return livestream.Segment{}, errMissing
	}
	if name == livestream.IndexFile {
		return livestream.Segment{Type: "application/vnd.apple.mpegurl", Data: w.index()}, nil
	}
	var n int
	if _, err := fmt.Sscanf(name, "head-%d.mp4", &n); err == nil && w.heads[n] != nil {
		return livestream.Segment{Type: mp4Type, Data: w.heads[n]}, nil
	}
	if _, err := fmt.Sscanf(name, "%d.mp4", &n); err == nil {
		if at := n - w.files[0].number; at >= 0 && at < len(w.files) {
			return livestream.Segment{Type: mp4Type, Data: w.files[at].data}, nil
		}
	}
	return livestream.Segment{}, errMissing
}

func (w *window) index() []byte {
	var out strings.Builder
	fmt.Fprintf(&out, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%d\n#EXT-X-DISCONTINUITY-SEQUENCE:%d\n",
		fragmentTold, w.files[0].number, w.breaks)
	head := 0
	for i, f := range w.files {
		if f.first && i > 0 {
			out.WriteString("#EXT-X-DISCONTINUITY\n")
		}
		if f.head != head {
			head = f.head
			fmt.Fprintf(&out, "#EXT-X-MAP:URI=\"head-%d.mp4\"\n", head)
		}
		fmt.Fprintf(&out, "#EXTINF:%.3f,\n%d.mp4\n", f.length.Seconds(), f.number)
	}
	return []byte(out.String())
}
