package imapd

// state of a session, RFC 9051 §3.
type state uint8

const (
	notAuthenticated state = 1 << iota
	authenticated
	selected
)

// Sets of states in which a verb is permitted.
const (
	anyState = notAuthenticated | authenticated | selected
	loggedIn = authenticated | selected
)

func (st state) String() string {
	switch st {
	case notAuthenticated:
		return "not authenticated"
	case authenticated:
		return "authenticated"
	}
	return "selected"
}

// verb is a row of the command grammar; handlers never test the state.
type verb struct {
	in state
	// keepNumbers holds EXPUNGE back: FETCH, STORE and SEARCH without UID
	// (RFC 9051 §7.5.1), SORT and THREAD likewise (RFC 5256 §3).
	keepNumbers bool
	// numbers is refused once UIDONLY is enabled: the command names messages by
	// message sequence number (RFC 9586 §3.2, §3.8).
	numbers bool
	// writes is refused in a mailbox opened by EXAMINE.
	writes bool
	run    func(*session) result
}

// verbs is the whole command table.
var verbs map[string]verb

func init() { // breaks the cycle verbs → command → verbs
	verbs = map[string]verb{
		"CAPABILITY":   {in: anyState, run: (*session).capability},
		"NOOP":         {in: anyState, run: (*session).noop},
		"LOGOUT":       {in: anyState, run: (*session).logout},
		"ID":           {in: anyState, run: (*session).idCommand},
		"STARTTLS":     {in: notAuthenticated, run: (*session).startTLS},
		"AUTHENTICATE": {in: notAuthenticated, run: (*session).authenticate},
		"LOGIN":        {in: notAuthenticated, run: (*session).login},
		"ENABLE":       {in: loggedIn, run: (*session).enable},
		"COMPRESS":     {in: loggedIn, run: (*session).compress},
		"SELECT":       {in: loggedIn, run: func(s *session) result { return s.selectMailbox(false) }},
		"EXAMINE":      {in: loggedIn, run: func(s *session) result { return s.selectMailbox(true) }},
		"CREATE":       {in: loggedIn, run: (*session).create},
		"DELETE":       {in: loggedIn, run: (*session).deleteMailbox},
		"RENAME":       {in: loggedIn, run: (*session).rename},
		"SUBSCRIBE":    {in: loggedIn, run: func(s *session) result { return s.subscribe(true) }},
		"UNSUBSCRIBE":  {in: loggedIn, run: func(s *session) result { return s.subscribe(false) }},
		"NOTIFY":       {in: loggedIn, run: (*session).notifyCommand},
		"LIST":         {in: loggedIn, run: (*session).list},
		"LSUB":         {in: loggedIn, run: (*session).lsub},
		"NAMESPACE":    {in: loggedIn, run: (*session).namespace},
		"STATUS":       {in: loggedIn, run: (*session).status},
		"APPEND":       {in: loggedIn, run: (*session).appendMessages},
		"IDLE":         {in: loggedIn, run: (*session).idle},
		"GETQUOTA":     {in: loggedIn, run: (*session).getQuota},
		"GETQUOTAROOT": {in: loggedIn, run: (*session).getQuotaRoot},
		"SETQUOTA":     {in: loggedIn, run: (*session).setQuota},
		"CHECK":        {in: selected, run: (*session).noop},
		"CLOSE":        {in: selected, run: (*session).closeMailbox},
		"UNSELECT":     {in: selected, run: (*session).unselect},
		"EXPUNGE":      {in: selected, writes: true, run: func(s *session) result { return s.expunge(false) }},
		"UID EXPUNGE":  {in: selected, writes: true, run: func(s *session) result { return s.expunge(true) }},
		"SEARCH":       {in: selected, numbers: true, keepNumbers: true, run: func(s *session) result { return s.search(false) }},
		"UID SEARCH":   {in: selected, run: func(s *session) result { return s.search(true) }},
		"ESEARCH":      {in: loggedIn, run: (*session).esearch},
		"SORT":         {in: selected, numbers: true, keepNumbers: true, run: func(s *session) result { return s.sort(false) }},
		"UID SORT":     {in: selected, run: func(s *session) result { return s.sort(true) }},
		"THREAD":       {in: selected, numbers: true, keepNumbers: true, run: func(s *session) result { return s.thread(false) }},
		"UID THREAD":   {in: selected, run: func(s *session) result { return s.thread(true) }},
		"FETCH":        {in: selected, numbers: true, keepNumbers: true, run: func(s *session) result { return s.fetch(false) }},
		"UID FETCH":    {in: selected, run: func(s *session) result { return s.fetch(true) }},
		"STORE":        {in: selected, numbers: true, keepNumbers: true, writes: true, run: func(s *session) result { return s.storeFlags(false) }},
		"UID STORE":    {in: selected, writes: true, run: func(s *session) result { return s.storeFlags(true) }},
		"COPY":         {in: selected, numbers: true, run: func(s *session) result { return s.copyMessages(false) }},
		"UID COPY":     {in: selected, run: func(s *session) result { return s.copyMessages(true) }},
		"MOVE":         {in: selected, numbers: true, writes: true, run: func(s *session) result { return s.moveMessages(false) }},
		"UID MOVE":     {in: selected, writes: true, run: func(s *session) result { return s.moveMessages(true) }},

		"GETMETADATA":    {in: loggedIn, run: (*session).getMetadata},
		"SETMETADATA":    {in: loggedIn, run: (*session).setMetadata},
		"REPLACE":        {in: selected, numbers: true, writes: true, run: func(s *session) result { return s.replaceMessage(false) }},
		"UID REPLACE":    {in: selected, writes: true, run: func(s *session) result { return s.replaceMessage(true) }},
		"UNAUTHENTICATE": {in: loggedIn, run: (*session).unauthenticate},
	}
}
