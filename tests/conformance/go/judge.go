// Judges a tiled log with code that is not ours: Go's own sumdb/note and sumdb/tlog, and tessera's
// client and fsck. Usage: judge <directory> <verifier key>; ends with 1 and says why when it refuses.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: judge <directory> <verifier key>")
		os.Exit(2)
	}
	if err := judge(os.Args[1], os.Args[2]); err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
	fmt.Println("accepted")
}

func judge(directory, vkey string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return fmt.Errorf("verifier key: %w", err)
	}
	tree, err := openCheckpoint(directory, verifier)
	if err != nil {
		return fmt.Errorf("sumdb/note: %w", err)
	}
	if err := judgeTree(directory, tree); err != nil {
		return fmt.Errorf("sumdb/tlog: %w", err)
	}
	if err := judgeByTessera(directory, verifier); err != nil {
		return fmt.Errorf("tessera: %w", err)
	}
	return nil
}

// openCheckpoint reads the tree that the log's key has signed.
func openCheckpoint(directory string, verifier note.Verifier) (tlog.Tree, error) {
	raw, err := os.ReadFile(filepath.Join(directory, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("the checkpoint is not this log's")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

// tiles reads hash tiles of height 8 from a directory as C2SP tlog-tiles lays them out.
type tiles struct{ directory string }

func (t tiles) Height() int                         { return 8 }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, len(wanted))
	for n, tile := range wanted {
		path := strings.TrimPrefix(tile.Path(), "tile/8/")
		bytes, err := os.ReadFile(filepath.Join(t.directory, "tile", path))
		if err != nil {
			return nil, err
		}
		read[n] = bytes
	}
	return read, nil
}

// judgeTree proves records and earlier trees from the tiles, and checks the proofs and the entries.
func judgeTree(directory string, tree tlog.Tree) error {
	reader := tlog.TileHashReader(tree, tiles{directory})
	for _, index := range []int64{0, 1, 127, 254, 255, 256, tree.N / 2, tree.N - 2, tree.N - 1} {
		if index < 0 || index >= tree.N {
			continue
		}
		entry, err := readEntry(directory, index, tree.N)
		if err != nil {
			return err
		}
		recordProof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(recordProof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("record %d: %w", index, err)
		}
	}
	for _, old := range []int64{1, 2, 200, 255, 256, tree.N - 1, tree.N} {
		if old > tree.N {
			continue
		}
		oldHash, err := tlog.TreeHash(old, reader)
		if err != nil {
			return err
		}
		treeProof, err := tlog.ProveTree(tree.N, old, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(treeProof, tree.N, tree.Hash, old, oldHash); err != nil {
			return fmt.Errorf("tree of %d: %w", old, err)
		}
	}
	return nil
}

func readEntry(directory string, index, size int64) ([]byte, error) {
	fetcher := client.FileFetcher{Root: directory}
	bundle, err := client.GetEntryBundle(context.Background(), fetcher.ReadEntryBundle, uint64(index/256), uint64(size))
	if err != nil {
		return nil, err
	}
	return bundle.Entries[index%256], nil
}

// judgeByTessera has tessera's client prove entries, and its fsck derive the whole log again.
func judgeByTessera(directory string, verifier note.Verifier) error {
	ctx := context.Background()
	fetcher := client.FileFetcher{Root: directory}
	checkpoint, _, _, err := client.FetchCheckpoint(ctx, fetcher.ReadCheckpoint, verifier, verifier.Name())
	if err != nil {
		return err
	}
	builder, err := client.NewProofBuilder(ctx, checkpoint.Size, fetcher.ReadTile)
	if err != nil {
		return err
	}
	last := checkpoint.Size - 1
	entry, err := readEntry(directory, int64(last), int64(checkpoint.Size))
	if err != nil {
		return err
	}
	inclusion, err := builder.InclusionProof(ctx, last)
	if err != nil {
		return err
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(entry)
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, last, checkpoint.Size, leaf, inclusion, checkpoint.Hash); err != nil {
		return fmt.Errorf("entry %d (%s): %w", last, base64.StdEncoding.EncodeToString(leaf), err)
	}
	// A worker of this fsck ends at the first fault it meets, and with none left it never returns.
	return fsck.New(verifier.Name(), verifier, fetcher, leafHashes, fsck.Opts{N: 16}).Check(ctx)
}

func leafHashes(bundle []byte) ([][]byte, error) {
	parsed := &api.EntryBundle{}
	if err := parsed.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	hashes := make([][]byte, 0, len(parsed.Entries))
	for _, entry := range parsed.Entries {
		hash := sha256.Sum256(append([]byte{0x00}, entry...))
		hashes = append(hashes, hash[:])
	}
	return hashes, nil
}
