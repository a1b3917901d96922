package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
)

// field is what a struct field's type and tag say about its JSON.
type field struct {
	optional bool // omitempty or omitzero
	nullable bool
	time     bool
	unsigned bool
}

// readTypes reads the struct types of a package: type name → JSON name → field.
func readTypes(dir string) (map[string]map[string]field, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		return nil, fs.ErrNotExist
	}
	structs := map[string]*ast.StructType{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			types, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range types.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok && t.TypeParams == nil {
					if s, ok := t.Type.(*ast.StructType); ok {
						structs[t.Name.Name] = s
					}
				}
			}
		}
	}
	out := map[string]map[string]field{}
	for name, s := range structs {
		out[name] = map[string]field{}
		collect(s, structs, out[name])
	}
	return out, nil
}

// collect adds a struct's fields, those of embedded structs included.
func collect(s *ast.StructType, structs map[string]*ast.StructType, into map[string]field) {
	for _, f := range s.Fields.List {
		if len(f.Names) == 0 {
			if id, ok := f.Type.(*ast.Ident); ok && structs[id.Name] != nil {
				collect(structs[id.Name], structs, into)
			}
			continue
		}
		tag := ""
		if f.Tag != nil {
			tag = reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "" || name == "-" {
			continue
		}
		into[name] = describe(f.Type, options)
	}
}

func describe(t ast.Expr, options string) field {
	f := field{optional: strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")}
	if ix, ok := t.(*ast.IndexExpr); ok { // Nullable[T]
		id, ok := ix.X.(*ast.Ident)
		f.nullable = ok && id.Name == "Nullable"
		return f
	}
	stars := 0
	for {
		p, ok := t.(*ast.StarExpr)
		if !ok {
			break
		}
		stars++
		t = p.X
	}
	f.nullable = stars > 1 || stars == 1 && !f.optional
	switch t := t.(type) {
	case *ast.SelectorExpr:
		f.time = t.Sel.Name == "Time"
	case *ast.Ident:
		f.unsigned = t.Name == "uint64"
	case *ast.InterfaceType:
		f.nullable = true
	}
	if id, ok := t.(*ast.Ident); ok && id.Name == "any" {
		f.nullable = true
	}
	return f
}
