// Command gen writes openapi.json: swag reads the handlers' comments into
// Swagger 2.0, kin-openapi lifts that to OpenAPI 3.0, and a last step says what
// Swagger 2.0 has no words for. The result is the same whenever it is run.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "openapi/gen:", err)
		os.Exit(1)
	}
}

// run is started by go generate in the package's folder.
func run() error {
	swagger, err := readComments("..")
	if err != nil {
		return err
	}
	swagger = bytes.ReplaceAll(swagger, []byte(`#/definitions/model.`), []byte(`#/definitions/`))
	var old openapi2.T
	if err := json.Unmarshal(swagger, &old); err != nil {
		return fmt.Errorf("read swagger: %w", err)
	}
	renamed := map[string]*openapi2.SchemaRef{}
	for name, schema := range old.Definitions {
		renamed[shortName(name)] = schema
	}
	old.Definitions = renamed
	lifted, err := openapi2conv.ToV3(&old)
	if err != nil {
		return fmt.Errorf("convert: %w", err)
	}
	plain, err := lifted.MarshalJSON()
	if err != nil {
		return err
	}
	var doc map[string]any
	if err := json.Unmarshal(plain, &doc); err != nil {
		return err
	}
	types, err := readTypes("../internal/model")
	if err != nil {
		return err
	}
	finish(doc, types)
	out, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile("openapi.json", append(out, '\n'), 0o644)
}

// readComments has swag read the handlers' comments.
func readComments(root string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "catchpost-openapi")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command("go", "tool", "swag", "init", "--quiet", "--dir", "api,internal/model",
		"--generalInfo", "doc.go", "--outputTypes", "json", "--output", dir, "--parseInternal")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("swag: %w\n%s", err, out)
	}
	return os.ReadFile(filepath.Join(dir, "swagger.json"))
}
