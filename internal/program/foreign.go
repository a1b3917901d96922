package program

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
)

func integer(into *int64, v string) (err error) {
	*into, err = strconv.ParseInt(v, 10, 64)
	return err
}

// when does set where a variable says yes.
func when(v string, set func()) error {
	switch strings.ToLower(v) {
	case "1", "true", "on", "yes":
		set()
	case "", "0", "false", "off", "no":
	default:
		return errors.New("it is neither true nor false")
	}
	return nil
}

func splitList(v string) []string {
	return strings.FieldsFunc(v, func(c rune) bool { return c == ',' || c == ' ' })
}

func alsoListen(list []string, addr string) []string {
	if slices.Contains(list, addr) {
		return list
	}
	return append(slices.Clone(list), addr)
}

// foreignVariables has one line for every MP_* or MH_* variable that is set,
// with our name for it. With --compat those of that product set our options,
// unless these were given.
func foreignVariables(o *Options) ([]string, error) {
	var names []string
	values := map[string]string{}
	for _, e := range os.Environ() {
		name, value, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "MP_") || strings.HasPrefix(name, "MH_") {
			names, values[name] = append(names, name), value
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	sort.Strings(names) // MP_SMTP_REQUIRE_TLS comes after MP_SMTP_BIND_ADDR
	given := *o
	theirs := *o
	var lines []string
	for _, name := range names {
		ours, known := foreignNames[name]
		if !known {
			ours = "no option of ours"
		}
		set := foreignSetters[name]
		if set == nil || o.HTTP.Compat != productOf[name[:3]] || values[name] == "" {
			lines = append(lines, fmt.Sprintf("%s is not read; here it is %s", name, ours))
			continue
		}
		if err := set(&theirs, values[name]); err != nil {
			return nil, fmt.Errorf("%s (here %s): %w", name, ours, err)
		}
		lines = append(lines, fmt.Sprintf("%s is read as %s", name, ours))
	}
	usual, err := DefaultOptions()
	if err != nil {
		return nil, err
	}
	if err := theirs.Relay.theirs.apply(&theirs.Relay); err != nil {
		return nil, err
	}
	*o = theirs
	keepGiven(o, &given, &usual)
	return lines, nil
}

var productOf = map[string]string{"MP_": "mailpit", "MH_": "mailhog"}

// keepGiven puts back every option that differed from its default before.
func keepGiven(o, given, usual *Options) {
	to, was, def := reflect.ValueOf(o).Elem(), reflect.ValueOf(given).Elem(), reflect.ValueOf(usual).Elem()
	for group := range to.NumField() {
		for i := range to.Field(group).NumField() {
			field := to.Field(group).Field(i)
			if old := was.Field(group).Field(i); field.CanSet() && !reflect.DeepEqual(old.Interface(), def.Field(group).Field(i).Interface()) {
				field.Set(old)
			}
		}
	}
	if given.Login.AdminToken != "" {
		o.Login.adminUser = ""
	}
	if given.Login.AccountsFile != "" {
		o.Login.users = nil
	}
}
