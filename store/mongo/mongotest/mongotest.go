// Package mongotest gives tests a server that speaks MongoDB's wire protocol:
// mongo-java-server in memory, which they start themselves, and a real one
// when MARKET_TEST_MONGODB_URI names it. README.md says how to get the jars.
package mongotest

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"chohue/market"
)

const (
	realServer = "MARKET_TEST_MONGODB_URI"
	required   = "MARKET_TEST_REQUIRED"
)

// Run runs the test on the stand-in and, when there is one, on a real server.
func Run(t *testing.T, test func(t *testing.T, uri string)) {
	t.Run("standin", func(t *testing.T) { test(t, Start(t)) })
	t.Run("real", func(t *testing.T) {
		uri := os.Getenv(realServer)
		if uri == "" {
			t.Skipf("%s names no server", realServer)
		}
		test(t, uri)
	})
}

//go:embed Launcher.java
var launcher []byte

// Start starts a stand-in that ends with the test, or with its process if that
// is killed. Without Java or the jars the test is skipped, or fails when
// MARKET_TEST_REQUIRED is set.
func Start(t *testing.T) (uri string) {
	t.Helper()
	java, classpath, err := find()
	if err != nil {
		if os.Getenv(required) != "" {
			t.Fatalf("%v, and %s is set", err, required)
		}
		t.Skip(err)
	}
	source := filepath.Join(t.TempDir(), "Launcher.java")
	if err := os.WriteFile(source, launcher, 0o600); err != nil {
		t.Fatal(err)
	}
	var says bytes.Buffer
	server := exec.Command(java, "-Xmx512m", "-cp", classpath, source)
	server.Stderr = &says
	port, err := launch(t, server)
	if err != nil {
		t.Fatalf("mongo-java-server did not start: %v\n%s", err, &says)
	}
	return "mongodb://127.0.0.1:" + port
}

// find returns the java command and the jars that Maven put into bin.
func find() (java, classpath string, err error) {
	if java, err = exec.LookPath("java"); err != nil {
		return "", "", fmt.Errorf("no Java for the MongoDB stand-in: %w", err)
	}
	root, err := moduleRoot()
	if err != nil {
		return "", "", err
	}
	jars, err := filepath.Glob(filepath.Join(root, "bin", "mongo-java-server", "*.jar"))
	if err == nil && len(jars) == 0 {
		err = errors.New("no mongo-java-server in bin: see store/mongo/mongotest/README.md")
	}
	return java, strings.Join(jars, string(os.PathListSeparator)), err
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the test's folder")
		}
	}
	return "", err
}

// launch starts the server and reads its port. The server ends when its
// standard input does, so it cannot outlive this process.
func launch(t *testing.T, server *exec.Cmd) (port string, err error) {
	life, err := server.StdinPipe()
	if err != nil {
		return "", err
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := server.Start(); err != nil {
		return "", err
	}
	t.Cleanup(func() { end(life, server) })
	line, err := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(line), err
}

func end(life io.Closer, server *exec.Cmd) {
	_ = life.Close()
	late := time.AfterFunc(10*time.Second, func() { _ = server.Process.Kill() })
	defer late.Stop()
	_ = server.Wait()
}

// Database names a database for this test alone and drops it afterwards.
func Database(t *testing.T, uri string) string {
	t.Helper()
	name := "market-test-" + strings.ToLower(string(market.NewID(market.SystemClock())))
	t.Cleanup(func() {
		if err := drop(uri, name); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
	})
	return name
}

func drop(uri, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		return err
	}
	return errors.Join(client.Database(name).Drop(ctx), client.Disconnect(ctx))
}
