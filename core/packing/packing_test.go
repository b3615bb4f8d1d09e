package packing

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

var document = []byte(strings.Repeat(`<resource name="org_office" uuid="urn:uuid:a"><data field="name">Kathmandu</data></resource>`, 5000))

func packed(t testing.TB, c *Coding) []byte {
	t.Helper()
	var b bytes.Buffer
	p := c.Pack(&b)
	for piece := range bytes.Lines(document) {
		if _, err := p.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpacked(coding string, b []byte) ([]byte, error) {
	u, err := Unpack(coding, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	defer u.Close()
	return io.ReadAll(u)
}

func TestWhatIsPackedIsUnpacked(t *testing.T) {
	for _, c := range codings {
		for range 3 { // with the packer and the unpacker of the one before
			b := packed(t, c)
			if len(b) > len(document)/20 {
				t.Errorf("%s: %d bytes of %d", c.Name, len(b), len(document))
			}
			got, err := unpacked(c.Name, b)
			if err != nil || !bytes.Equal(got, document) {
				t.Errorf("%s: %d bytes, %v", c.Name, len(got), err)
			}
		}
	}
}

func TestWhatIsNotPackedAsIsSaidIsAFault(t *testing.T) {
	for _, c := range codings {
		b := packed(t, c)
		flipped := bytes.Clone(b)
		flipped[len(flipped)-3] ^= 1 // of the sum over the whole
		for name, wrong := range map[string][]byte{"no packing": document, "a changed bit": flipped} {
			if _, err := unpacked(c.Name, wrong); !IsFault(err) {
				t.Errorf("%s, %s: %v", c.Name, name, err)
			}
		}
		if _, err := unpacked(c.Name, b[:len(b)/2]); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s, broken off: %v", c.Name, err)
		}
	}
}

func TestACodingThatNobodyKnowsIsNamed(t *testing.T) {
	for coding, known := range map[string]bool{"": true, "identity": true, "GZIP": false, "br": false} {
		_, err := Unpack(coding, strings.NewReader(""))
		var unknown *UnknownError
		switch {
		case known && err != nil, coding == "br" && (!errors.As(err, &unknown) || unknown.Coding != "br"), coding == "GZIP" && !errors.Is(err, io.EOF):
			t.Errorf("%q: %v", coding, err)
		}
	}
}

func TestTheBetterCodingThatIsAcceptedIsTaken(t *testing.T) {
	for header, want := range map[string]string{Accepted: "zstd", "gzip, deflate": "gzip", "identity": "", "*": "gzip", "gzip;q=0, zstd;q=0.1": "zstd", "*, gzip;q=0": "", "*;q=0": "", "gzip; q=1": "gzip", "": ""} {
		got := ""
		if c := For(http.Header{"Accept-Encoding": {header}}); c != nil {
			got = c.Name
		}
		if got != want {
			t.Errorf("%q: %q instead of %q", header, got, want)
		}
	}
}

// A packer that is not closed is not given to another document.
func TestAPackerThatIsLeftServesNobodyElse(t *testing.T) {
	for _, c := range codings {
		var left bytes.Buffer
		p := c.Pack(&left)
		if _, err := p.Write(document[:1000]); err != nil {
			t.Fatal(err)
		}
		before := left.Len()
		if got, err := unpacked(c.Name, packed(t, c)); err != nil || !bytes.Equal(got, document) {
			t.Errorf("%s: %d bytes, %v", c.Name, len(got), err)
		}
		if left.Len() != before {
			t.Errorf("%s: the document of another one went on in it", c.Name)
		}
	}
}

func TestWhatReadsOnBehindAnEndFindsNothing(t *testing.T) {
	for _, c := range codings {
		u, err := Unpack(c.Name, bytes.NewReader(packed(t, c)))
		if err != nil {
			t.Fatal(err)
		}
		u.Close()
		if n, err := u.Read(make([]byte, 10)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("%s: %d bytes, %v", c.Name, n, err)
		}
	}
}
