package extract

import "testing"

// adversarial holds mails of two or three lines that are easily taken for something
// else, in many languages. want is the first code, "" for none.
var adversarial = []struct{ want, subject, text string }{
	// Letters and digits, introduced by a form of "is" or by a colon.
	{"TR5M9K", "", "Tu código para restablecer la contraseña es TR5M9K y caduca pronto."},
	{"TR5M9K", "", "El código que necesitas para crear una nueva contraseña es:\n\nTR5M9K\n\nSi no fuiste tú, ignora este mensaje."},
	{"H7QX2B", "", "Votre code est H7QX2B. Il reste valable 10 minutes."},
	{"H7QX2B", "", "Ihr Code: H7QX2B"},
	{"K9W3PD", "", "Il tuo codice è K9W3PD"},
	{"K9W3PD", "", "O seu código é K9W3PD. Não o partilhe."},
	{"K9W3PD", "", "Twój kod to K9W3PD"},
	{"K9W3PD", "", "Váš ověřovací kód je K9W3PD"},
	{"K9W3PD", "", "Az Ön ellenőrző kódja: K9W3PD"},
	{"K9W3PD", "", "Codul dumneavoastră este K9W3PD"},
	{"K9W3PD", "", "Ваш код: K9W3PD"},
	{"K9W3PD", "", "Ваш код — K9W3PD. Никому его не сообщайте."},
	{"K9W3PD", "", "Вашият код за потвърждение е K9W3PD"},
	{"K9W3PD", "", "Vaš kod za potvrdu je K9W3PD"},
	{"K9W3PD", "", "Koodisi on K9W3PD"},
	{"K9W3PD", "", "Koden din er K9W3PD"},
	{"K9W3PD", "", "Kodunuz: K9W3PD"},
	{"K9W3PD", "", "Ο κωδικός σας είναι K9W3PD"},
	{"K9W3PD", "", "הקוד שלך הוא K9W3PD"},
	{"K9W3PD", "", "کد تأیید شما K9W3PD است"},
	{"K9W3PD", "", "رمز التحقق الخاص بك هو K9W3PD"},
	{"K9W3PD", "", "आपका सत्यापन कोड K9W3PD है"},
	{"K9W3PD", "", "รหัสยืนยันของคุณคือ K9W3PD"},
	{"K9W3PD", "", "Mã xác minh của bạn là K9W3PD"},
	{"K9W3PD", "", "Kod pengesahan anda ialah K9W3PD"},
	{"K9W3PD", "", "인증 코드는 K9W3PD입니다"},
	{"K9W3PD", "", "認証コードは「K9W3PD」です"},
	{"K9W3PD", "", "您的验证码是 K9W3PD，五分钟内有效"},
	// Digits in languages that the vocabulary knew least.
	{"482913", "", "Ваш код підтвердження: 482913. Дійсний 10 хвилин."},
	{"482913", "", "Код за потвърждение: 482913"},
	{"482913", "", "Kôd za prijavu: 482913. Vrijedi 10 minuta."},
	{"482913", "", "Jednokratna lozinka: 482913"},
	{"482913", "", "Váš jednorazový kód je 482913. Platí 5 minút."},
	{"482913", "", "Belépési kódod: 482 913"},
	{"482913", "", "Folosește codul 482913 pentru a te conecta."},
	{"482913", "", "Käytä koodia 482913 kirjautumiseen."},
	{"482913", "", "กรุณากรอกรหัส 482913 ภายใน 5 นาที"},
	{"482913", "", "Nhập mã 482913 để đăng nhập. Mã có hiệu lực trong 5 phút."},
	{"482913", "", "482913 הוא קוד האימות שלך"},
	{"482913", "", "۴۸۲۹۱۳ رمز یکبار مصرف شماست"},
	{"482913", "", "482913 आपका OTP है, 10 मिनट तक मान्य"},
	{"482913", "", "Χρησιμοποιήστε τον κωδικό 482913 για να συνδεθείτε"},
	{"482913", "", "Kod TAC anda: 482913. Jangan kongsi."},
	{"482913", "482913 is your Acme code", "Hello,\nsee the subject of this mail.\nThe Acme team"},
	{"482913", "Acme: Ihr Code lautet 482913", "Guten Tag,\nder Code steht im Betreff."},
	// Letters alone, well introduced; a prefix letter; a PIN like a year.
	{"QXZPLM", "", "Your verification code is QXZPLM."},
	{"QXZPLM", "", "Tu código de verificación:\n\nQXZPLM"},
	{"BKDF-TRWX", "", "Dein Gerätecode lautet BKDF-TRWX"},
	{"A-482913", "", "Your security code is A-482913."},
	{"K482913", "", "Dein Bestätigungscode: K482913"},
	{"1987", "", "Su PIN es 1987 y vence en 15 minutos."},
	{"2031", "", "Votre code est 2031, valable jusqu'au 4 mars 2027."},
	{"482913", "", "Your code 482913 expires in 1440 minutes, on 22.11.2026 at 14:35."},
	{"482913", "", "Code for account 771204: 482913"},
	{"482913", "", "Account number: 771204\nSecurity code: 482913"},
	{"482913", "", "Security code 482913, reference 771204"},
	// Numbers of accounts, customers, members, cases.
	{"", "", "لقد طلبت تغيير كلمة المرور للحساب رقم 881203. اضغط على الرابط."},
	{"", "", "Wir haben das Passwort für Ihr Konto Nr. 881203 zurückgesetzt."},
	{"", "", "Restablece la contraseña de la cuenta número 881203 con este enlace."},
	{"", "", "Réinitialisez le mot de passe du compte numéro 881203."},
	{"", "", "Redefina a senha da conta 881203 clicando no botão."},
	{"", "", "Reimposta la password dell'account n. 881203."},
	{"", "", "Сброс пароля для учётной записи 881203."},
	{"", "", "Для сброса пароля к аккаунту № 881203 перейдите по ссылке."},
	{"", "", "アカウント番号 881203 のパスワードを再設定してください。"},
	{"", "", "请重置账户 881203 的密码。"},
	{"", "", "계정 881203의 비밀번호를 재설정하세요."},
	{"", "", "Atur ulang kata sandi untuk akun 881203."},
	{"", "", "881203 numaralı hesabınızın şifresini sıfırlayın."},
	{"", "", "Zresetuj hasło do konta nr 881203."},
	{"", "", "Resetujte lozinku za korisnički račun 881203."},
	{"", "", "Reset password for employee 881203, member 771204, user 664455."},
	{"", "", "Obnovení hesla pro zákaznické číslo 881203"},
	{"", "", "A 881203 ügyfélszámú fiók jelszavának visszaállítása. Ügyfélszám: 881203"},
	{"", "", "Resetare parolă pentru contul 881203. Număr client: 771204"},
	{"", "", "Salasanan palautus. Asiakasnumero 881203, jäsennumero 771204"},
	{"", "", "Επαναφορά κωδικού για τον λογαριασμό 881203"},
	{"", "", "איפוס סיסמה לחשבון מספר 881203"},
	{"", "", "بازنشانی رمز عبور برای حساب شماره 881203"},
	{"", "", "खाता संख्या 881203 का पासवर्ड रीसेट करें"},
	{"", "", "รีเซ็ตรหัสผ่านสำหรับบัญชีเลขที่ 881203"},
	{"", "", "Đặt lại mật khẩu cho tài khoản số 881203"},
	{"", "", "Tetapkan semula kata laluan untuk akaun 881203"},
	{"", "", "Смяна на парола за клиентски номер 881203"},
	{"", "", "Скидання пароля для облікового запису 881203"},
	// Machine text.
	{"", "Build failed", "{\"code\": 500123, \"line\": 8812}"},
	{"", "Build failed", "{\n  \"error\": {\n    \"code\": 482913,\n    \"message\": \"boom\"\n  }\n}"},
	{"", "", "panic: code=482913 goroutine 4471 [running]:\nmain.go:4821 +0x1d2"},
	{"", "", "Process finished with exit code 137137. errno 110045, signal 11045"},
	{"", "", "HTTP/1.1 5003 code 500311 returned by upstream"},
	{"", "", "550 5.7.1 (code 550571) rejected, queue id 4XK92M"},
	{"", "", "2026-11-22T14:35:12Z ERROR [worker-3] code 482913 while reading shard 9912"},
	{"", "", "Fehlercode: 482913. Código de error: 482913. Code d'erreur : 482913. Kod błędu: 482913. Hibakód: 482913. Virhekoodi: 482913"},
	{"", "", "at com.acme.Auth.verify(Auth.java:4829)\nCaused by: TokenException: 482913"},
	{"", "", "Exit status 482913; return code 771204; result code 554433"},
	// "code" of another sense.
	{"", "", "Kod pocztowy 482913. Kod produktu: 771204. Kod rabatowy LATO25"},
	{"", "", "PSČ 48291. Slevový kód: LETO25. Kód produktu: 482913. Kód zásilky: 771204"},
	{"", "", "Irányítószám: 4829. Kuponkód: NYAR25. Termékkód: 482913"},
	{"", "", "Cod poștal 482913. Cod de reducere: VARA25. Cod produs: 771204"},
	{"", "", "Поштовий індекс 48291. Код товару 482913. Промокод ЛІТО2026"},
	{"", "", "Пощенски код 4829. Код за отстъпка: LETO25. Код на продукта: 482913"},
	{"", "", "Poštanski broj 48291. Kod za popust: LJETO25. Broj narudžbe 482913"},
	{"", "", "Mã bưu điện 482913. Mã giảm giá: HE25. Mã đơn hàng: 771204. Mã vận đơn 554433"},
	{"", "", "รหัสไปรษณีย์ 48291 รหัสสินค้า 482913 โค้ดส่วนลด SALE25"},
	{"", "", "पिन कोड 482913, कूपन कोड DIWALI25, ऑर्डर संख्या 771204"},
	{"", "", "מיקוד 4829134. קוד קופון: SALE25. מספר הזמנה 482913"},
	{"", "", "کد پستی 4829134567. کد تخفیف: YALDA25. شماره سفارش 482913"},
	{"", "", "Ταχυδρομικός κώδικας 48291. Κωδικός έκπτωσης: SALE25. Κωδικός προϊόντος: 482913"},
	{"", "", "Postinumero 48291. Alennuskoodi: KESA25. Tuotekoodi: 482913. Tilausnumero 771204"},
	{"", "", "Rabattkode: SOMMER25. Varekode 482913. Ordrenummer 771204"},
	{"", "", "Poskod 48291. Kod diskaun: RAYA25. Nombor pesanan 482913"},
	// Other numbers in passing.
	{"", "", "Factura nº 482913, CIF B48291345, IBAN ES91 2100 0418 4502 0005 1332"},
	{"", "", "Rechnung 482913 vom 22.11.2026, USt-IdNr. DE482913771, Steuernummer 12/345/67890"},
	{"", "", "Sąskaita 482913; Faktúra č. 482913; Račun br. 771204; Číslo faktury 554433"},
	{"", "", "Tel. 06 12 34 56 78, +39 06 482913, (011) 4829-1377, 090-1234-5678"},
	{"", "", "Build 482913 of version 20261122 passed; commit 4829137, job 771204."},
}

func TestAdversarial(t *testing.T) {
	for _, tt := range adversarial {
		got := ""
		codes := Codes(tt.subject, "", tt.text)
		if len(codes) > 0 {
			got = codes[0].Code
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q %+v", tt.subject+" / "+tt.text, got, tt.want, codes)
		}
	}
}
