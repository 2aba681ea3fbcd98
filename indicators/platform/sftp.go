// Package platform carries releases to the city's data platform, over SFTP or
// HTTPS.
package platform

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"path"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"chohue/indicators"
)

// SFTP sends to a folder of an SSH server whose key is known.
type SFTP struct {
	Addr   string // host:port
	User   string
	Key    ssh.Signer
	Host   ssh.PublicKey // the server's; no other is spoken to
	Folder string
}

var _ indicators.Sender = SFTP{}

// Send implements indicators.Sender. Each file is written beside its place and
// then put there, so that no half a file is ever read; what is there is read
// back before the receipt is given.
func (s SFTP) Send(ctx context.Context, folder string, files []indicators.Sent) (string, error) {
	c, end, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	defer end()
	at := path.Join(s.Folder, folder)
	if err := c.MkdirAll(at); err != nil {
		return "", fmt.Errorf("folder %s: %w", at, err)
	}
	size := 0
	for _, f := range files {
		if err := put(c, path.Join(at, f.Name), f.Body); err != nil {
			return "", fmt.Errorf("%s: %w", f.Name, err)
		}
		size += len(f.Body)
	}
	return fmt.Sprintf("sftp://%s/%s %d files %d bytes", s.Addr, at, len(files), size), nil
}

func (s SFTP) dial(ctx context.Context) (*sftp.Client, func(), error) {
	raw, err := (&net.Dialer{Timeout: 15 * time.Second}).DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return nil, nil, err
	}
	hangUp := context.AfterFunc(ctx, func() { _ = raw.Close() }) // a server that says nothing holds nobody
	conn, channels, requests, err := ssh.NewClientConn(raw, s.Addr, &ssh.ClientConfig{
		User: s.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(s.Key)}, HostKeyCallback: ssh.FixedHostKey(s.Host), Timeout: 15 * time.Second,
	})
	if err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	client := ssh.NewClient(conn, channels, requests)
	c, err := sftp.NewClient(client)
	if err != nil {
		_ = client.Close()
		return nil, nil, err
	}
	return c, func() { hangUp(); _ = c.Close(); _ = client.Close() }, nil
}

func put(c *sftp.Client, name string, body []byte) error {
	f, err := c.Create(name + ".part")
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := c.PosixRename(name+".part", name); err != nil {
		return err
	}
	back, err := c.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = back.Close() }()
	there, err := io.ReadAll(back)
	if err == nil && !bytes.Equal(there, body) {
		err = fmt.Errorf("%d bytes were sent, %d others are there", len(body), len(there))
	}
	return err
}
