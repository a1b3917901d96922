package extract

import (
	"net/url"
	"strings"
	"sync"
)

// verdict is a kind and how sure it is; the surer of two wins.
type verdict struct {
	kind   string
	weight float64
}

// classify tells a link's kind: its label says most, then its address; the words
// around it count where the label says nothing ("click here", the address).
func classify(address, label, own, before string) verdict {
	words := addressWords(address)
	byURL := urlKind(words)
	folded := foldText(label)
	bare := label == "" || strings.Contains(label, "://") || generic(folded)
	if !bare {
		if k := phraseKind(folded); k != "" {
			return verdict{k, 4}
		}
	}
	if byURL == kindUnsubscribe {
		return verdict{byURL, 3}
	}
	if bare {
		if k := phraseKind(foldText(own)); k != "" {
			return verdict{prefer(k, byURL), 2.5}
		}
	}
	if byURL != "" {
		return verdict{byURL, 2}
	}
	if bare {
		if k := phraseKind(foldText(before)); k != "" && carriesToken(address) {
			return verdict{k, 1.5}
		}
	}
	if strings.HasPrefix(address, "mailto:") && strings.Contains(words, "unsubscribe") {
		return verdict{kindUnsubscribe, 2}
	}
	return verdict{kindOther, 0}
}

// prefer: where the words speak of signing in but the address of verifying or
// resetting, the address is the more exact ("verify to finish signing in").
func prefer(byWords, byURL string) string {
	if byURL != "" && (byWords == kindSignIn || byURL == kindUnsubscribe) {
		return byURL
	}
	return byWords
}

func foldText(s string) string {
	l := newLine(shortenBytes(s, 4<<10), fromText)
	return string(l.fold)
}

// addressWords gives host, path and query names in lower case with single
// blanks around each word.
func addressWords(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return split2(address)
	}
	text := u.Host + " " + u.Path + " " + u.Opaque + " " + u.Fragment
	if u.RawQuery != "" {
		for pair := range strings.SplitSeq(shortenBytes(u.RawQuery, 4<<10), "&") {
			name, value, _ := strings.Cut(pair, "=")
			text += " " + name
			if len(value) <= 24 { // mode=resetPassword, action=verify; not the tokens
				text += " " + value
			}
		}
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		text = u.Scheme + " " + text
	}
	return split2(text)
}

// split2 parts words at marks and at capitals ("resetPassword").
func split2(s string) string {
	var b strings.Builder
	b.WriteByte(' ')
	last := ' '
	for _, r := range shortenBytes(s, 8<<10) {
		switch {
		case isUpper(r):
			if isLower(last) {
				b.WriteByte(' ')
			}
			b.WriteRune(foldRune(r))
		case isWordRune(r):
			b.WriteRune(foldRune(r))
		case last != ' ':
			b.WriteByte(' ')
			r = ' '
		default:
			r = ' '
		}
		last = r
	}
	b.WriteByte(' ')
	return b.String()
}

// urlKind reads the kind from an address's words.
func urlKind(words string) string {
	for _, k := range linkWords().order {
		for _, w := range linkWords().inURL[k] {
			if strings.Contains(words, " "+w) {
				return k
			}
		}
	}
	return ""
}

// phraseKind reads the kind from folded words.
func phraseKind(text string) string {
	if text == "" {
		return ""
	}
	for _, k := range linkWords().order {
		for _, w := range linkWords().inText[k] {
			if containsStart(text, w) {
				return k
			}
		}
	}
	return ""
}

// containsStart reports whether a word of a text begins with a phrase; in
// scripts that do not part words, or glue prefixes to them, it may stand anywhere.
func containsStart(text, phrase string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], phrase)
		if i < 0 {
			return false
		}
		i += from
		if i == 0 || !joinsWord(firstRune(phrase)) || !joinsWord(lastRune(text[:i])) {
			return true
		}
		from = i + len(phrase)
	}
}

// generic reports whether a label says nothing of where it leads.
func generic(folded string) bool {
	folded = strings.Trim(folded, " .!:→>»-")
	for _, w := range linkWords().generic {
		if folded == w {
			return true
		}
	}
	return false
}

// carriesToken reports whether an address has a part that looks made for one
// person: a query or a long path segment with digits.
func carriesToken(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if u.RawQuery != "" {
		return true
	}
	for seg := range strings.SplitSeq(u.Path, "/") {
		if len(seg) >= 8 && strings.ContainsAny(seg, "0123456789") || len(seg) >= 20 {
			return true
		}
	}
	return false
}

// openTracker recognises the pictures by which senders count openings.
func openTracker(address string) bool {
	words := addressWords(address)
	for _, w := range []string{" wf open ", " track open", " open gif ", " o gif ", " pixel ", " beacon ", " open php ", " trk open ", " e o ", " openrate "} {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}

// linkVocabulary is linkText, folded.
type linkVocabulary struct {
	order         []string
	inText, inURL map[string][]string
	generic       []string
}

var linkWords = sync.OnceValue(func() linkVocabulary {
	v := linkVocabulary{inText: map[string][]string{}, inURL: map[string][]string{}}
	v.order = []string{kindUnsubscribe, kindReset, kindVerify, kindSignIn}
	var kind, where string
	for row := range strings.SplitSeq(linkText, "\n") {
		row = strings.TrimSpace(row)
		if head, ok := strings.CutPrefix(row, "@"); ok {
			kind, where, _ = strings.Cut(head, " ")
			continue
		}
		for w := range strings.SplitSeq(row, ",") {
			w = string(foldWords(w))
			switch {
			case w == "":
			case kind == "generic":
				v.generic = append(v.generic, w)
			case where == "url":
				v.inURL[kind] = append(v.inURL[kind], w)
			default:
				v.inText[kind] = append(v.inText[kind], w)
			}
		}
	}
	return v
})

// linkText lists the words of each kind, in the languages of vocabularyText;
// the kinds are tried in the order unsubscribe, reset, verify, sign_in.
const linkText = `
@unsubscribe text
unsubscribe, opt out, opt-out, manage preferences, email preferences, notification settings, stop receiving, abmelden, abbestellen, austragen, e-mails abmelden
darse de baja, darme de baja, cancelar suscripcion, cancelar la suscripcion, anular suscripcion, se desabonner, desinscrire, desinscription, desabonnement, desabonner, me desinscrire
descadastrar, cancelar inscricao, cancelar subscricao, cancelar assinatura, remover inscricao, annulla iscrizione, disiscriviti, cancella iscrizione, uitschrijven, afmelden, berhenti berlangganan, aboneliginizi iptal, abonelikten, aboneligi iptal
listeden cik, wypisz, odhlasit, leiratkozas, dezabonare, avregistrera, avsluta prenumeration, afmeld, meld deg av, avmeld, peruuta tilaus, отписаться, отписка, відписатися, διαγραφη, הסר, להסרה, إلغاء الاشتراك, الغاء الاشتراك, لغو اشتراک
配信停止, 登録解除, 購読解除, 配信解除, 退订, 取消订阅, 退訂, 取消訂閱, 수신거부, 수신 거부, 구독 취소, huy dang ky, ยกเลิกการรับ, सदस्यता समाप्त
@unsubscribe url
unsubscribe, unsub, optout, opt out, abmelden, abbestellen, desinscription, desabonnement, baja, descadastrar, desinscrever, uitschrijven, afmelden, wypisz, berhenti langganan, email preferences, list manage
@reset text
reset, forgot password, set a new password, set new password, choose a new password, choose a password, create a new password, change your password, change password, recover your account, passwort zurucksetzen, kennwort zurucksetzen, zurucksetzen
neues passwort, neues kennwort, passwort andern, passwort festlegen, restablecer, nueva contrasena, cambiar contrasena, cambiar mi contrasena, recuperar contrasena, reinitialiser, nouveau mot de passe, changer mon mot de passe, modifier mon mot de passe
redefinir, nova senha, alterar senha, recuperar senha, criar nova senha, reimposta, nuova password, cambia password, wachtwoord opnieuw, wachtwoord herstellen, nieuw wachtwoord, wachtwoord wijzigen, wachtwoord instellen
atur ulang, setel ulang, kata sandi baru, ganti kata sandi, ubah kata sandi, sifirla, sifremi yenile, yeni sifre, sifrenizi degistir, sifremi degistir, resetuj, nowe haslo, ustaw haslo, zmien haslo, obnovit heslo, nove heslo, uj jelszo, jelszo visszaallitasa
resetare parola, reseteaza, aterstall, nytt losenord, nulstil, ny adgangskode, tilbakestill, nytt passord, vaihda salasana, palauta salasana, uusi salasana, сбросить пароль, сброс пароля, новый пароль, сменить пароль, восстановить пароль, скинути пароль, новий пароль
επαναφορα, νεος κωδικος, איפוס, סיסמה חדשה, إعادة تعيين, اعادة تعيين, استعادة كلمة, كلمة مرور جديدة, تغيير كلمة المرور, بازنشانی, リセット, 再設定, パスワードを変更, パスワード変更, 新しいパスワード, 重置, 重设, 重設, 修改密码, 新密码, 找回密码, 재설정, 비밀번호 변경, dat lai mat khau, รีเซ็ต, ตั้งรหัสผ่านใหม่, रीसेट
@reset url
reset, password reset, forgot, recover, passwort zurucksetzen, passwort vergessen, new password, set password, change password, restablecer, recuperar, reinitialiser, redefinir, lupa password, sifre sifirla, sifremi unuttum, wachtwoord
@verify text
verify, verification, confirm, activate, validate your, validate my, validate email, approve, complete registration, complete your registration, complete signup, complete sign-up, complete your sign up, finish sign-up, finish signing up, accept invitation, accept invite, accept the invitation, join the team, accept your invitation, double opt-in
bestatigen, bestatigung, bestatige, verifizieren, aktivieren, freischalten, registrierung abschliessen, registrierung abschließen, einladung annehmen, anmeldung abschliessen, konto aktiv
verificar, verifica, confirmar, confirma tu, confirme su, activar, activa tu, validar, completar registro, aceptar invitacion, verifier, verifiez, confirmer, confirmez, activer, activez, valider, validez, accepter l'invitation, accepter l’invitation, finaliser
confirme, ativar, ative, verifique, aceitar convite, concluir cadastro, validar, conferma, verifica, attiva, accetta l'invito, bevestig, verifieer, activeer, uitnodiging accepteren, uitnodiging aanvaarden, verifieren
verifikasi, konfirmasi, aktifkan, aktivasi, terima undangan, sahkan, dogrula, onayla, etkinlestir, daveti kabul, aktive et, aktiflestir, potwierdz, zweryfikuj, aktywuj, overit, potvrdit, aktivovat, megerosit, aktival, confirma, activeaza, verifica
bekrafta, verifiera, aktivera, bekraeft, bekræft, aktiver, verificer, bekreft, verifiser, vahvista, aktivoi, подтвер, активир, проверить почту, підтверд, активув, επιβεβαι, επαληθευ, ενεργοποι, אימות, אמת, אשר, הפעל
تأكيد, تاكيد, تفعيل, التحقق, تحقق, فعل حسابك, فعّل, أكد, قبول الدعوة, تایید, تأیید, فعال, 確認, 認証, 有効化, 本登録, 登録を完了, 登録完了, 承認, 招待を受け, 验证, 驗證, 激活, 确认, 確認信箱, 完成注册, 完成註冊, 啟用, 启用, 接受邀请, 인증, 확인하기, 이메일 확인, 활성화, 가입 완료, 초대 수락, xac minh, xac nhan, kich hoat, ยืนยัน, सत्यापित, पुष्टि
@verify url
verify, verif, confirm, activat, validate, validation, double optin, doubleoptin, doi, accept invit, invitation, invite, bestatig, bestaetig, verifizier, aktivier, freischalt, activar, activer, ativar, verifier, bevestig, activeer, verifikasi, konfirmasi, aktivasi, dogrula, onayla, aktivasyon, potwierdz, aktywuj, overen, bekraft, podtver, confirmation
@sign_in text
sign in, sign-in, signin, log in, log-in, login, magic link, anmelden, einloggen, anmeldung, iniciar sesion, inicia sesion, acceder a tu cuenta, ingresar, entrar, se connecter, connexion, connectez, me connecter, fazer login, faca login, accedi, inloggen, aanmelden, log nu in
masuk, log masuk, giris yap, oturum ac, giris, zaloguj, prihlasit, bejelentkez, conecteaza, autentifica, logga in, log ind, logg inn, kirjaudu, войти, вход, увійти, συνδεση, συνδεθειτε, התחבר, כניסה, تسجيل الدخول, سجل الدخول, سجّل الدخول, ورود
ログイン, サインイン, 登录, 登入, 로그인, dang nhap, เข้าสู่ระบบ, लॉगिन, साइन इन
@sign_in url
login, log in, signin, sign in, magic, auth link, anmelden, einloggen, masuk, giris, inloggen, connexion, acceder, entrar, passwordless, sso, logowanie
@generic
click here, here, this link, link, click this link, follow this link, click the link, open, continue, get started, go, button, click, tap here, view, next, start, proceed, let's go, yes, start now, click to continue, open link, finish
hier, hier klicken, klicken sie hier, klick hier, diesen link, link offnen, weiter, jetzt starten, los geht's, aqui, haz clic aqui, haga clic aqui, pulsa aqui, este enlace, enlace, continuar, empezar, comenzar, ici, cliquez ici, cliquer ici, ce lien, lien, continuer, commencer, c'est parti
clique aqui, este link, comecar, qui, clicca qui, questo link, continua, klik hier, deze link, doorgaan, verder, klik di sini, klik disini, di sini, disini, tautan ini, tautan, lanjutkan, mulai, tikla, tiklayin, buraya tiklayin, buraya, baglanti, devam et, devam, kliknij tutaj, tutaj, zde, klikni zde, ide kattintva, itt, aici, har, klicka har, klik her, her, klikk her, tasta
здесь, нажмите здесь, ссылка, по ссылке, перейти, продолжить, тут, εδω, כאן, לחץ כאן, لחץ, اضغط هنا, انقر هنا, هنا, هذا الرابط, الرابط, متابعة, اینجا, こちら, こちらをクリック, ここをクリック, クリック, 続ける, 开始, 点击这里, 點擊這裡, 点击此处, 此处, 点此, 这里, 链接, 繼續, 继续, 여기, 여기를 클릭, 링크, 계속, tai day, ที่นี่, यहां क्लिक करें
`
