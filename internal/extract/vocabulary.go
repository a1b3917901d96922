package extract

// vocabularyText lists the words that tell a one-time code from other numbers.
// "@label WEIGHT MODE" heads the phrases that follow it, comma-separated; they
// are folded (lower case, no diacritics) when read, so may be written naturally.
// Languages: English, German, Spanish, French, Portuguese, Italian, Dutch,
// Indonesian/Malay, Turkish, Polish, Czech, Hungarian, Romanian, Swedish, Danish,
// Norwegian, Finnish, Vietnamese, Russian, Ukrainian, Greek, Hebrew, Arabic,
// Persian, Hindi, Thai, Japanese, Korean, Chinese, Bulgarian, Croatian and Serbian;
// the word for "code" alone of some more. A row "a/b × c/d" is read by expand.
const vocabularyText = `
@label 1 edge
verification code, security code, confirmation code, one-time code, one time code, single-use code, login code
log-in code, sign-in code, sign in code, signin code, access code, authentication code, authorization code, auth code
activation code, reset code, recovery code, backup code, pairing code, device code, passcode, pass code, one-time password
one time password, one-time passcode, one time passcode, one-time pin, verification pin, validation code, unlock code
2fa code, mfa code, two-factor code, otp code, temporary code, user code, email code, magic code, registration code, invite code
verification number, security key code, code to verify, code to sign in, code to log in, code to confirm
bestatigungscode, verifizierungscode, sicherheitscode, einmalcode, einmal-code, einmalpasswort, einmalkennwort, zugangscode
anmeldecode, aktivierungscode, freischaltcode, login-code, authentifizierungscode, prufcode, bestatigungs-code, verifikationscode
einmal-passwort, sicherheits-code, wiederherstellungscode, freigabecode, einmal-pin, mtan, smstan, geratecode
codigo de verificacion, codigo de seguridad, codigo de confirmacion, codigo de acceso, codigo de un solo uso, codigo unico
codigo de activacion, codigo de inicio de sesion, contrasena de un solo uso, clave de un solo uso, codigo temporal, codigo otp
codigo de autenticacion, clave dinamica, clave de acceso, codigo de recuperacion, codigo de validacion
code de verification, code de securite, code de confirmation, code de connexion, code d'activation, code a usage unique
code d'acces, mot de passe a usage unique, code unique, code d'authentification, code de validation, code temporaire
code de recuperation, code d’activation, code d’acces, code d’authentification, code secret
codigo de verificacao, codigo de seguranca, codigo de confirmacao, codigo de acesso, codigo de ativacao, codigo de uso unico
senha de uso unico, codigo de autenticacao, codigo de login, senha temporaria, codigo de recuperacao, codigo de validacao
codice di verifica, codice di sicurezza, codice di conferma, codice di accesso, codice monouso, codice otp, codice temporaneo
codice di attivazione, password monouso, codice univoco, codice di autenticazione
verificatiecode, beveiligingscode, bevestigingscode, eenmalige code, toegangscode, inlogcode, activeringscode, activatiecode
eenmalig wachtwoord, eenmalige toegangscode, authenticatiecode, herstelcode, controlecode
kode verifikasi, kode otp, kode keamanan, kode konfirmasi, kode akses, kode aktivasi, kode masuk, kata sandi sekali pakai
kode sekali pakai, kode rahasia, kod pengesahan, kod keselamatan, kode autentikasi, kode unik, kode pemulihan
dogrulama kodu, guvenlik kodu, onay kodu, tek kullanimlik, giris kodu, aktivasyon kodu, etkinlestirme kodu, erisim kodu, sms kodu
dogrulama sifresi, kurtarma kodu
kod weryfikacyjny, kod bezpieczenstwa, kod potwierdzajacy, kod jednorazowy, jednorazowy kod, haslo jednorazowe, kod aktywacyjny
kod dostepu, kod logowania, overovaci kod, bezpecnostni kod, potvrzovaci kod, jednorazovy kod, jednorazove heslo, aktivacni kod
overovaci kod, ellenorzo kod, megerosito kod, biztonsagi kod, egyszer hasznalatos kod, egyszeri kod, belepesi kod, aktivalo kod
cod de verificare, cod de securitate, cod de confirmare, cod unic, codul de verificare, codul de securitate, codul de confirmare
verifieringskod, bekraftelsekod, engangskod, sakerhetskod, inloggningskod, aktiveringskod, engangslosenord
bekraeftelseskode, bekræftelseskode, engangskode, sikkerhedskode, verifikationskode, loginkode, verifiseringskode, bekreftelseskode
sikkerhetskode, paloggingskode, engangspassord, engangsadgangskode, aktiveringskode, tilgangskode
vahvistuskoodi, kertakayttokoodi, turvakoodi, todennuskoodi, kertakayttoinen koodi, kertakayttosalasana, kirjautumiskoodi
ma xac minh, ma xac nhan, ma xac thuc, ma otp, ma bao mat, mat khau dung mot lan, ma dang nhap, ma kich hoat
код подтверждения, проверочный код, код проверки, код безопасности, одноразовый код, одноразовый пароль, код доступа, код активации
код для входа, код входа, код авторизации, код підтвердження, код перевірки, одноразовий код, одноразовий пароль, код безпеки
код для підтвердження, код для подтверждения, секретный код, код верификации
κωδικος επαληθευσης, κωδικος ασφαλειας, κωδικος επιβεβαιωσης, κωδικος μιας χρησης, κωδικο επαληθευσης, κωδικος προσβασης
kod za potvrdu, kod za prijavu, kod za provjeru, kod za verifikaciju, verifikacijski kod, sigurnosni kod, potvrdni kod, jednokratni kod, jednokratna lozinka, kontrolni kod, kod za proveru, verifikacioni kod, potrditvena koda, enkratna koda
код за потвърждение, код за вход, код за сигурност, еднократен код, еднократна парола, код за проверка, код за достъп, код за потврда, једнократна лозинка
overovaci kod, prihlasovaci kod, hozzaferesi kod, hitelesito kod, azonosito kod, egyszeri jelszo, cod de acces, cod de autentificare, cod de activare, codul de acces, codul de autentificare, parola de unica folosinta, cod temporar
kinnituskood, turvakood, uhekordne kood, patvirtinimo kodas, saugos kodas, vienkartinis kodas, apstiprinajuma kods, drosibas kods, vienreizejais kods, codi de verificacio, codi de seguretat, codi d'un sol us, stadfestingarkodi, oryggiskodi
tac, kod tac, kod keselamatan, kata laluan sekali, kod sekali guna, no. tac, tasdiq kodu, tesdiq kodu, kodi i verifikimit, kodi i konfirmimit, msimbo wa uthibitishaji, verifikasiekode, jednoznacny kod
κωδικο ασφαλειας, κωδικος εισοδου, κωδικος συνδεσης, κωδικο μιας χρησης, κωδικο επιβεβαιωσης, κωδικο προσβασης
tunnusluku, vahvistusnumero, kertakoodi, tillfallig kod, verifikationskod, autentiseringskod, bekreftingskode, stadfestingskode, midlertidig kode, midlertidig kod
@label 1 word
otp, totp, tan, pin, pin code, pincode, pin-code, mot de passe temporaire, kod pin, kode pin, codigo pin, pin-kod
@label 1 any
認証コード, 確認コード, 検証コード, セキュリティコード, セキュリティ コード, ワンタイムパスワード, ワンタイムコード, ワンタイムパスコード, 認証番号, 確認番号, 暗証番号
アクセスコード, 認証キー, ログインコード, パスコード, 本人確認コード, 二段階認証コード, 2段階認証コード, 認証用コード, 確認用コード, 登録コード, リセットコード, 一時コード
验证码, 校验码, 动态码, 动态密码, 一次性密码, 安全码, 确认码, 激活码, 登录码, 认证码, 驗證碼, 驗證代碼, 安全碼, 確認碼, 認證碼, 一次性驗證碼, 動態密碼, 登入碼, 一次性代码, 验证代码, 安全代码, 驗證號碼, 一次性密碼
인증번호, 인증 번호, 인증코드, 인증 코드, 확인 코드, 확인코드, 보안 코드, 보안코드, 일회용 비밀번호, 일회용 코드, 로그인 코드, 인증키, 일회용 인증
رمز التحقق, رمز التاكيد, رمز الامان, كود التحقق, رمز التفعيل, كود التفعيل, رمز الدخول, رمز المصادقه, رمز المصادقة, كلمة مرور لمرة واحدة, رمز لمرة واحدة, رمز التحقق الخاص بك, رمز تحقق, رمز تأكيد
رمز المرور لمرة واحدة, رمز الاستخدام لمرة واحدة, كود التأكيد, رمز تسجيل الدخول, رقم التحقق, رمز مؤقت, الرمز السري
کد تایید, کد تأیید, کد فعال سازی, کد فعالسازی, رمز یکبار مصرف, رمز یک بار مصرف, کد امنیتی, کد ورود, کد یکبار مصرف, رمز پویا
קוד אימות, קוד האימות, קוד אבטחה, קוד חד פעמי, קוד חד-פעמי, קוד גישה, סיסמה חד פעמית, קוד אישור, קוד הכניסה
सत्यापन कोड, ओटीपी, वेरिफिकेशन कोड, सुरक्षा कोड, पुष्टि कोड, एकबारगी पासवर्ड
รหัสยืนยัน, รหัส otp, รหัสผ่านครั้งเดียว, รหัสความปลอดภัย, รหัสผ่านแบบใช้ครั้งเดียว, รหัสการยืนยัน

@label 0.8 edge
code, codes, codigo, codigos, codice, koda, kode, kod, koodi, kood, cod, codul, codigo abaixo, kodu, kodunuz, kodunuzu
@label 0.8 start
koden, kody, kodem, kodet, koodisi, kodja, kodod
код, кода, коду, кодом, κωδικ
kodas, kods, kodi, codi, msimbo
@label 0.8 word
nhap ma, su dung ma, dung ma, ma la, ma sau, ma nay, ma ben duoi, pins, tans, ma cua ban, ma so
@label 0.8 any
কোড, குறியீடு, కోడ్, കോഡ്, કોડ, کوڈ, კოდი, կոդ, កូដ, ລະຫັດ, โค้ด, コード, 代码, 代碼, 코드, رمز, كود, کد, קוד, कोड, รหัส, 口令, 暗号, ナンバー入力
@label 0.55 word
token, password, passwort, kennwort, contrasena, mot de passe, senha, wachtwoord, kata sandi, parola, sifre, sifreniz, haslo, heslo, jelszo, losenord, passord, adgangskode
salasana, lozinka, lozinku, zaporka, geslo, slaptazodis, parole, kata laluan, mat khau, парола, лозинка, salasanan, пароля, jelszavat, hasla, hesla, parolei, пароль, login key, sign-in key, clave, clef, cle, schlussel, sleutel, kunci, numbers below, digits below, the following digits, number below, this number, these digits, these numbers
the following number, verification, verifizierung, verificacion, verification en deux etapes, verificatie, verifikasi, two-factor, two-step, 2fa, mfa, zwei-faktor, tap this number
@label 0.55 any
رمز عبور, گذرواژه, كلمة مرور, パスワード, 密码, 密碼, 비밀번호, كلمة المرور, كلمة السر, رقم سري, סיסמה, รหัสผ่าน, पासवर्ड, 請輸入, 请输入, 輸入, 入力して, 입력, أدخل, ادخل, הזן, กรอก, 以下の数字, 次の数字, 下記の番号, 以下の番号, 数字を入力, 番号を入力, 6桁の, 4桁の, 8桁の, 六位, 6位, 4位, 6자리, 4자리
@label 0.5 word
to verify, to confirm, to log in, to sign in, to authenticate, to continue, to complete, verify your, confirm your, zum verifizieren, zum bestatigen, zum anmelden, zur bestatigung, zur anmeldung, para verificar, para confirmar, para iniciar, para entrar, finish signing in, signing in, enter, type in, geben sie, eingeben, saisissez, introduce, ingresa, digite, insira, inserisci, voer, masukkan, girin, giriniz, wpisz, zadejte, ange, indtast, tast inn, syota, введите, введіть, pour verifier, pour confirmer, pour vous connecter
per verificare, per confermare, per accedere, om te bevestigen, om in te loggen, untuk verifikasi, untuk masuk, untuk konfirmasi, dogrulamak icin, giris yapmak icin, aby potwierdzic, aby zalogowac, for att bekrafta, for att logga in, for at logge, for at bekraefte, для подтверждения, для входа
@label 0.5 edge
digit code, digits, stellige, stelligen, cifras, digitos, chiffres, cijfers, haneli

@label 0 any
unicode, decode, encode, barcode, source code, vs code, code of conduct, dress code, code review, codebase, low-code, no-code, qr code, qr-code, qrcode, scancode, qr kod, kodierung, kodak, kodex, codex, decoder, encoder
code ville, code promo appliqué, pinterest, kodiak, codec, morse code, código fuente, codigo qr, code qr, codice qr, kode qr, qr 코드, qr コード, qrコード, 二维码, 二維碼, código de barras, code-barres, codice a barre, morsecode, quellcode
código de conducta, the code snippet, code sample, code samples, code example, codepen, leetcode, vscode, xcode, password manager, passwort-manager, forgot password, forgot your password, reset password, change your password, change password, password reset, passwort vergessen
passwort zurücksetzen, reset your password, new password, neues passwort, restablecer contraseña, mot de passe oublié, réinitialiser votre mot de passe, code civil, código civil, penal code, building code, git code

@label -1 edge
postal code, zip code, zipcode, postcode, post code, area code, country code, dialing code, dialling code, error code, status code, exit code, http code, response code, promo code, promotion code, promotional code, discount code
coupon code, voucher code, gift code, gift card code, offer code, referral code, savings code, code at checkout, product code, item code, booking code, tracking code, sort code, swift code, bic code
bank code, bankleitzahl, branch code, tax code, color code, colour code, airline code, airport code, reason code, style code, model code, sku code, hs code, customer code, client code, reservation code, order code, affiliate code
gutscheincode, gutschein-code, rabattcode, rabatt-code, aktionscode, promocode, promo-code, vorteilscode, fehlercode, statuscode, postleitzahl, farbcode, artikelcode, kundencode, buchungscode, sendungscode, landercode, empfehlungscode
codigo postal, codigo promocional, codigo de descuento, codigo de error, codigo de pais, codigo de area, codigo de reserva, codigo de producto, codigo de seguimiento, cupon, codigo de cliente, codigo de desconto, codigo de rastreio
codigo de rastreamento, codigo do pedido, codigo de pedido, codigo do produto, codigo de erro, cupom, codigo da reserva, codigo do cliente, codigo de barras, codigo de referido, codigo de indicacao
code postal, code promo, code promotionnel, code de reduction, code erreur, code d'erreur, code cadeau, code de suivi, code de reservation, code client, code article, code avantage, code parrainage, code produit, bon de reduction
codice sconto, codice promozionale, codice postale, codice cliente, codice ordine, codice fiscale, codice prodotto, codice di errore, codice di prenotazione, codice articolo, codice promo, codice cliente, codice destinatario
kortingscode, actiecode, foutcode, couponcode, waardeboncode, reserveringscode, klantcode, vouchercode, boekingscode, artikelcode, productcode, trackcode, cadeaucode
kode pos, kode promo, kode diskon, kode voucher, kode kupon, kode referral, kode produk, kode pesanan, kode booking, kode bayar, kode negara, kode area, kode unik transfer, kode resi, kode kesalahan, kode toko
posta kodu, indirim kodu, promosyon kodu, kupon kodu, hata kodu, urun kodu, takip kodu, rezervasyon kodu, hediye kodu, kampanya kodu, stok kodu
kod pocztowy, kod rabatowy, kod promocyjny, kod bledu, kod produktu, postnummer, rabattkod, kampanjkod, felkod, rabatkode, fejlkode, kampagnekode, rabattkode, alennuskoodi, virhekoodi, kod postal, slevovy kod, kod promotional, cod postal, cod de reducere, kuponkod
promokod, промокод, код купона, код ошибки, код товара, код города, почтовый индекс, код заказа, код страны, ma giam gia, ma don hang, ma van don, ma san pham, ma khuyen mai, ma buu chinh
kod/kodu/kodem × pocztowy/rabatowy/rabatu/promocyjny/bledu/produktu/kreskowy/kraju/kierunkowy/zamowienia/klienta/przesylki/rezerwacji/towaru/kuponu/podarunkowy/polecajacy/odbioru/paczki/sledzenia
kod × produktu/zasilky/objednavky/zbozi/tovaru/zakaznika/rezervace/rezervacie/chyby/zeme/krajiny/banky/zasielky/darkoveho/kuponu/slevy/zlavy/za popust/popusta/proizvoda/artikla/greske/drzave/narudzbe/posiljke/kupona/rezervacije/diskaun/promosi/produk/pos/kupon/negara/kawasan/tempahan/ralat/rujukan/pesanan
slevovy/slevove/zlavovy/postovni/darkovy/promo/promocni/akcni/chybovy/rezervacni/stornovaci/zakaznicky/vernostni/postanski/promotivni/zemni × kod
postakod, poskod, kuponkod, termekkod, hibakod, iranyitoszam, kedvezmenykod, promocios kod, foglalasi kod, orszagkod, rendelesi kod, ugyfelkod, ajandekkod, nyomkovetesi kod, csomagkod, vonalkod, cikkkod
cod/codul/codului × postal/de reducere/promotional/produs/produsului/de produs/de eroare/de bare/client/de client/fiscal/comanda/de comanda/de rezervare/rezervare/cupon/voucher/de urmarire/awb/de tara/articol/de inregistrare/caen/cui/swift/iban
код/кода/коду/кодом × товару/товара/продукту/продукта/на продукта/помилки/ошибки/за отстъпка/за грешка/на грешка/на поръчка/на клиент/купона/купону/страны/країни/міста/города/замовлення/заказа/брони/бронювання/бронирования/клиента/клієнта/скидки/на скидку/знижки/на знижку/отправления/отправки/посылки/відправлення/региона/организации/едрпоу/єдрпоу/оквэд/окпо/тн вэд/валюты/ответа/состояния/возврата/завершения/выхода/дохода/бюджетной классификации
почтовый/поштовий/пощенски/телефонный/телефонний/промо/скидочный/купонный/подарочный/подарунковий/штрих/налоговый/податковий × код
пощенски код, поштенски број, поштански број, поштовий індекс
κωδικος/κωδικο/κωδικου × εκπτωσης/προϊοντος/προιοντος/πελατη/παραγγελιας/σφαλματος/κρατησης/χωρας/αποστολης/προσφορας/κουπονιου/περιοχης/ειδους
ταχυδρομικος κωδικας, ταχ. κωδικας, εκπτωτικος κωδικος
tuotekoodi, postikoodi, tilauskoodi, varauskoodi, kampanjakoodi, lahjakoodi, seurantakoodi, asiakaskoodi, suosituskoodi, maakoodi, viivakoodi, poistumiskoodi
varekode, varekod, produktkode, produktkod, ordrekode, orderkod, bookingkode, bokningskod, bestillingskode, kundekode, kundkod, landekode, landskod, landskode, sporingskode, sparningskod, gavekode, presentkod, vervekode, varvningskod, kupongkode, kupongkod, feilkode, artikelkod, streckkod, strekkode, stregkode, avslutningskode, statuskode, statuskod, tilbudskode, erbjudandekod, avbestallningskod, afslutningskode, fejlkode, postkode
ma × loi/giam/uu dai/giam gia/don/don hang/van don/san pham/khuyen mai/buu chinh/buu dien/khach hang/dat cho/dat ve/quoc gia/vung/so thue/giao dich/tham chieu/hoa don/vach/du thuong/chuyen bay/nhan vien/hop dong/theo doi/gioi thieu/the qua tang/ma vach/phieu
urun/barkod/siparis/rezervasyon/kargo/fatura/stok/musteri/ulke/alan/iade/referans/davet/hata/cikis/kupon/hediye/model/plaka × kodu
kode × barang/barcode/batang/bank/pembayaran/transaksi/pemesanan/reservasi/pelanggan/invoice/error/status/keluar/undangan/refferal/cabang/wilayah/saham/penerbangan/tiket/hadiah/cashback/swift/tracking/pengiriman/pelacakan/kupon belanja
codigo/codigos × de producto/del producto/de articulo/de pedido/del pedido/de reserva/de la reserva/de envio/de rastreo/de guia/de cliente/de socio/de invitacion/de estado/de salida/de respuesta/de regalo/de cupon/de oferta/promo/de barra/swift/de banco/de agencia/de agente/de rechazo/de localizacion/iata/cups/cliente/fuente/postal/de pais/de zona/fiscal/de referencia/do item/do artigo/de cupom/de presente/do erro/de saida/de resposta/de status/do rastreio/de envio/da encomenda/da fatura/de barras/do banco/da agencia/do associado/do convite/de retirada/de colis/de retiro/de vale
code × produit/article/barre/de commande/de la commande/de colis/de retrait/banque/guichet/pays/region/de sortie/de retour/retour/de statut/de reponse/reduction/remise/de remise/cadeau/coupon/de parrainage/parrain/adherent/fournisseur/naf/ape/iata/insee/swift/bic/iban/rib/agent/de l'agence/de l'article/du produit/de reservation/dossier/voyage/avoir/fidelite/du colis/de suivi colis/de resiliation
codice × ordine/dell'ordine/prodotto/articolo/di spedizione/spedizione/tracking/di tracciamento/tracciamento/prenotazione/di errore/errore/di uscita/uscita/di stato/di risposta/risposta/buono/coupon/regalo/voucher/abi/cab/swift/bic/iban/destinatario/univoco ufficio/tributo/ateco/paese/colore/cliente/contratto/socio/tessera/pratica/invito/amico/a barre/sdi/catastale
artikel/bestell/buchungs/kunden/produkt/landes/lander/sendungs/versand/abhol/abhol-/tarif/strich/farb/bank/exit/exit-/ruckgabe/antwort/geschenk/aktions/freunde/werbe/bonus/empfehlungs/status/fehler/fehler-/http/http-/smtp/smtp-/storno/raum/klima/steuer/rabatt/promotion/partner/filial/lagerplatz × code/codes/kode
product/artikel/bestel/boekings/reserverings/klant/land/verzend/track/kortings/korting/actie/cadeau/fout/exit/status/ophaal/afhaal/streep/kleur/bank/filiaal/leden/lidmaatschaps/verwijzings/annulerings × code
product/item/booking/reservation/order/tracking/shipping/customer/client/member/membership/loyalty/employee/staff/vendor/supplier/store/shop/branch/bank/sort/routing/country/area/region/dialling/dial/calling/error/exit/return/result/status/response/http/smtp/reply/reason/failure/fault/diagnostic/termination/abort/stop/promo/promotion/promotional/discount/coupon/voucher/gift/savings/referral/offer/reward/cashback/invite friend/colour/color/airline/airport/flight/tax/fiscal/currency/language/zip/postal/post/post office/building/dress/source/bar/model/style/part/material/batch/lot/serial/charge/billing/procedure/diagnosis/cpt/icd/course/class/module/subject/project/department/cost/cost center/expense/gl/locker/pickup/pick-up/collection/parcel/drop-off/return label/rma/cancellation/refund/transaction/authorisation response/merchant/terminal/mcc/isin/ticker/stock/swift/bic/iata/icao/hs/un/sic/naics/driver/event/team/meeting/conference/redemption/license plate/query/cache/opcode/op/key/char/ascii/hex/byte/block/machine/assembly/legacy/sample/dead/test/spaghetti/python/java/go/rust × code/codes
kode verifikasi pajak
@label -1 any
郵便番号, 注文番号, 注文コード, クーポンコード, プロモーションコード, プロモコード, エラーコード, 商品コード, 商品番号, お問い合わせ番号, お問合せ番号, 伝票番号, 追跡番号, 電話番号, 会員番号, お客様番号, 予約番号, 請求書番号, 受付番号, 割引コード, 口座番号, 管理番号, 国番号, 品番, 型番, 招待番号, 整理番号, 領収書番号, 電話
フリーダイヤル, お電話, 内線, 決済番号, 取引番号, クーポン番号, ギフトコード, 紹介コード, カード番号, 下4桁, 末尾, 資本金, 登録番号, 許可番号, 便名, 機種
订单号, 订单编号, 訂單編號, 訂單號碼, 运单号, 快递单号, 物流单号, 邮编, 邮政编码, 郵遞區號, 电话, 電話, 手机号, 客服热线, 热线, 优惠码, 折扣码, 优惠券, 发票号, 发票号码, 账号, 卡号, 尾号, 流水号, 错误代码, 股票代码, 工单号, 会员号, 优惠代码, 促销代码, 折扣碼, 優惠碼, 備案號, 备案号, 编号, 編號, 兑换码, 邀请码, 提货码, 取件码, 发票代码, 帳號, 末四碼, 末四位, icp备
주문번호, 주문 번호, 전화번호, 전화, 우편번호, 운송장번호, 운송장 번호, 고객센터, 고객번호, 예약번호, 계좌번호, 할인코드, 할인 코드, 쿠폰, 오류 코드, 사업자등록번호, 사업자 등록번호, 통신판매, 상품코드, 예약 번호, 송장번호, 프로모션 코드
رقم الطلب, رقم طلبك, طلب رقم, طلبك رقم, رقم الهاتف, هاتف, رقم الفاتورة, فاتورة رقم, رقم التتبع, رقم الحساب, كود الخصم, رمز الخصم, رمز القسيمة, الرمز البريدي, رمز بريدي, صندوق بريد, ص.ب, رقم الحجز, رقم التذكرة, رقم الشحنة, رقم العميل, اتصل على, رقم المرجع, الرقم الضريبي, رقم البطاقة, المنتهية ب, تنتهي ب, السجل التجاري, رمز الخطأ, كوبون, واتساب, رقم العضوية, رقم الموظف
شماره سفارش, کد پستی, کد تخفیف, شماره تلفن, کد رهگیری, تلفن, شماره پیگیری, کد ملی, مספר הזמנה, מספר הזמנה, טלפון, קוד קופון, מיקוד, חשבונית, מספר לקוח, קוד הנחה
ऑर्डर नंबर, ऑर्डर संख्या, फ़ोन, पिन कोड, हेल्पलाइन, कूपन कोड, หมายเลขคำสั่งซื้อ, เบอร์โทร, โทร, รหัสไปรษณีย์, เลขที่ใบสั่งซื้อ, รหัสส่วนลด, เลขพัสดุ, ใบแจ้งหนี้

アカウント番号, 顧客番号, 従業員番号, 社員番号, ユーザー番号, 契約番号, 商品コード番号, 学籍番号, 診察券番号, 伝票コード, 終了コード, ステータスコード, 国コード, 店舗コード, 支店コード, 銀行コード, 予約コード, 招待コード, 株式コード, 証券コード, キャンペーンコード, 割引コード, バーコード, レスポンスコード
错误码, 状态码, 退出码, 返回码, 响应码, 邮政代码, 国家代码, 地区代码, 产品代码, 商品代码, 证券代码, 商品编码, 取餐码, 核销码, 推荐码, 优惠码, 条形码, 订单代码, 航班代码, 員工編號, 员工号, 工号, 客户号, 客戶編號, 会员卡号, 合同号, 学号, 錯誤代碼, 狀態碼, 郵政編碼, 推薦碼, 折價碼, 優惠代碼, 取貨碼, 條碼, 邀請碼, 案件号, 用户编号, 身份证号, 税号, 統一編號, 统一社会信用代码
오류코드, 상태 코드, 종료 코드, 응답 코드, 국가 코드, 국가번호, 상품 코드, 제품 코드, 추천 코드, 추천인 코드, 초대 코드, 예약 코드, 쿠폰 코드, 쿠폰번호, 바코드, 회원번호, 회원 번호, 사원번호, 사번, 고객 번호, 계정 번호, 카드번호, 계약번호, 접수번호, 문의번호, 승인번호, 거래번호, 에러 코드, 에러코드, 지점 코드, 은행 코드
كود المنتج, رمز المنتج, كود الكوبون, كود خصم, رمز خصم, رمز ترويجي, الرمز الترويجي, رمز الدولة, رمز المنطقة, رمز الحاله, رمز الخروج, رمز الاستجابة, رمز الحجز, رمز التتبع, رمز الطلب, كود الطلب, رمز الاحالة, كود الاحالة, رمز الدعوة, رمز العميل, كود العميل, كود الخطأ, رقم المستخدم, رقم الهوية, رقم القضية, رقم الحالة, رقم العقد, رقم المنتج, رقم المعاملة, رقم العملية, رقم التذكره, رقم البلاغ, رقم الشكوى, رقم الاشتراك, رقم الملف, رقم الجواز, رقم الرحلة, رقم الايصال, رقم الجوال, رقم الضريبي, رقم السجل, رقم الدفعة, رقم المشترك, رقم الموعد, رقم الطالب, باركود
کد محصول, کد کالا, کد خطا, کد کشور, کد مشتری, کد اشتراک, کد معرف, کد دعوت, کد سفارش, کد رزرو, کد پرسنلی, کد شهر, کد اقتصادی, کد شعبه, کد هدیه, کد پیگیری, کد مرسوله, شماره حساب, شماره مشتری, شماره کارت, شماره فاکتور, شماره عضویت, شماره پرونده, شماره مرجع, شماره بلیط, شماره پرسنلی, شماره قرارداد, شناسه کاربری
קוד מוצר, קוד שגיאה, קוד מדינה, קוד לקוח, קוד הזמנה, קוד הטבה, קוד הנחה, קוד מבצע, קוד פריט, קוד סניף, קוד בנק, קוד חבר מביא חבר, קוד יציאה, ברקוד, מספר חשבון, מספר חבר, מספר עובד, מספר מנוי, מספר כרטיס, מספר פנייה, מספר קבלה, מספר משלוח, מספר מעקב, מספר תיק, מספר זהות, תעודת זהות, מספר הזמנתך, ח.פ, ע.מ, הזמנה מספר
उत्पाद कोड, त्रुटि कोड, छूट कोड, प्रोमो कोड, डिस्काउंट कोड, ग्राहक संख्या, ग्राहक आईडी, खाता संख्या, खाता नंबर, ग्राहक नंबर, सदस्य संख्या, कर्मचारी संख्या, संदर्भ संख्या, चालान संख्या, टिकट संख्या, ट्रैकिंग नंबर, बुकिंग कोड, बुकिंग संख्या, पिनकोड, देश कोड, बार कोड, मोबाइल नंबर, शिकायत संख्या, रेफरल कोड, पीएनआर
รหัสสินค้า, รหัสลูกค้า, รหัสพนักงาน, รหัสสมาชิก, รหัสผิดพลาด, รหัสข้อผิดพลาด, รหัสประเทศ, รหัสการจอง, รหัสจอง, รหัสคูปอง, โค้ดส่วนลด, รหัสโปรโมชั่น, รหัสติดตาม, รหัสพัสดุ, รหัสสาขา, บาร์โค้ด, รหัสนักศึกษา, รหัสอ้างอิง, เลขที่บัญชี, หมายเลขบัญชี, หมายเลขลูกค้า, หมายเลขสมาชิก, หมายเลขอ้างอิง, หมายเลขพัสดุ, หมายเลขติดตาม, หมายเลขโทรศัพท์, เลขที่ใบแจ้งหนี้, เลขประจำตัวผู้เสียภาษี, หมายเลขการจอง, บัญชีเลขที่, เลขที่อ้างอิง, เลขที่สัญญา
@label -1 word
over, more than, mehr als, uber, mas de, plus de, mais de, lebih dari, meer dan, piu di, order, orders, order no, order id, order number, order ref, order nr, invoice, invoice no, invoice number, receipt, receipt no, ticket, ticket no, ticket number, ticket id, case, case id, case number, reference, reference number, ref, ref no, booking, booking reference, reservation
confirmation number, customer no, customer number, customer id, client id, account no, account number, account nr, account ending, member id, member number, membership number, membership no, tracking, tracking number, tracking no, tracking id, shipment, parcel, phone, telephone, tel, mobile, cell, fax, call, call us, hotline, helpline
toll-free, toll free, dial, whatsapp, vat, vat no, vat id, vat number, tax id, ein, company number, company no, registered number, registration number, registered in england, iban, bic, swift, zip, plz, po box, p.o. box, suite, ste, room, flat, apt, unit, building, floor, version, build
release, item, item no, sku, article, model, serial, serial number, serial no, s/n, isbn, upc, ean, imei, promo, coupon, voucher, discount, gift card, ending in, ending with, ends in, ends with, last four, last 4 digits, last four digits, card ending, order total, transaction, transaction id, transaction no, payment id, payment reference
total, subtotal, amount, balance, price, qty, quantity, copyright, since, established, est., page, section, chapter, article no, issue, pull request, commit, job, pipeline, run, build number, incident, alert, policy, policy number, claim, claim number, contract, contract number, flight, seat, gate, pnr, row, locker, meter
user id, userid, employee id, student id, id number, id no, application number, application id, permit, licence, license, license number, licence number, registration no, reg no, po number, purchase order, delivery note, quote, quote number, quotation, estimate, statement, batch, lot, lot number, port, pid, meeting id, webinar id, conference id, extension, ext
bestellung, bestellnummer, bestell-nr, bestellnr, auftrag, auftragsnummer, auftrags-nr, auftragsnr, rechnung, rechnungsnummer, rechnungs-nr, rechnungsnr, re-nr, kundennummer, kunden-nr, kundennr, vorgangsnummer, vorgang, ticketnummer, sendungsnummer, sendung, paketnummer, tracking-nummer, trackingnummer
telefon, tel.-nr, telefonnummer, mobil, handy, rufnummer, durchwahl, ust-id, ust-idnr, ust-id-nr, ust.-id, ust-id.-nr, steuernummer, steuer-nr, hrb, hra, amtsgericht, handelsregister, konto, kontonummer, blz, postfach, artikel, artikelnummer, art.-nr, artikel-nr, gutschein, rabatt, gesamtbetrag, betrag, summe, preis, seit, seite, endet auf
endziffern, endend auf, buchung, buchungsnummer, reservierung, vertrag, vertragsnummer, mitgliedsnummer, versicherungsnummer, zahlernummer, aktenzeichen, fallnummer, referenz, referenznummer, referenz-nr, personalnummer, kartennummer, fahrgestellnummer, flug, sitz, raum, version, hotline, kundenservice, service-nummer, matrikelnummer, vorgangs-nr, beleg, belegnummer, bon-nr
pedido, numero de pedido, n.º de pedido, nº de pedido, pedido nº, pedido n.º, pedido no, factura, factura nº, numero de factura, telefono, movil, llame al, llamanos al, cif, nif, nit, rfc, rut, cuit, apartado, apdo, numero de cliente, reserva, localizador, cuenta, importe, cantidad, seguimiento, numero de seguimiento, envio, guia, desde, cp, c.p, c. p, ticket nº, expediente, terminada en, termina en, acabada en, terminacion, incidencia, numero de caso, referencia, folio, recibo
commande, numero de commande, n° de commande, commande n°, commande nº, facture, numero de facture, facture n°, telephone, tel, tél, portable, appelez, appelez le, siret, siren, rcs, tva, capital de, numero client, n° client, reservation, dossier, numero de dossier, compte, montant, suivi, numero de suivi, colis, depuis, bp, cedex, se terminant par, finissant par, reference, réf, billet, abonnement, contrat, devis, n° de suivi, ape, naf
encomenda, numero do pedido, nº do pedido, pedido numero, fatura, nota fiscal, nf-e, nfe, telefone, celular, ligue, ligue para, cnpj, cpf, cep, conta, agencia, protocolo, numero de protocolo, rastreio, rastreamento, boleto, caixa postal, final, terminado em, com final, total, valor, numero do cliente, chamado, matricula, nif, inscricao estadual, atendimento, reserva
ordine, numero ordine, ordine n, ordine nº, ordine n., fattura, numero fattura, fattura n, telefono, cellulare, p.iva, p. iva, partita iva, c.f, cap, numero cliente, prenotazione, spedizione, conto, importo, dal, termina con, rea, numero verde, pratica, preventivo, ricevuta
bestelling, bestelnummer, ordernummer, factuur, factuurnummer, telefoon, telefoonnummer, bel, bel ons, kvk, kvk-nummer, btw, btw-nummer, postbus, klantnummer, zending, rekening, rekeningnummer, bedrag, sinds, eindigend op, dossiernummer, zaaknummer, referentie, reservering, boeking, lidnummer, relatienummer, kenmerk, polisnummer, meldcode
pesanan, nomor pesanan, no. pesanan, no pesanan, faktur, nomor faktur, invoice no, resi, nomor resi, no. resi, no resi, telepon, telp, no. telp, hp, no. hp, no hp, nomor hp, hubungi, npwp, nik, rekening, no. rekening, nomor rekening, no rek, pelanggan, nomor pelanggan, transaksi, no. transaksi, nomor transaksi, id transaksi, sejak, tagihan, nomor tagihan, jumlah, berakhir, berakhiran, tiket, nomor tiket, no. tiket, nomor va, virtual account, nomor virtual account, nomor referensi, no. referensi, id pelanggan, kartu, layanan pelanggan, call center, kodepos, nomor kartu, ojk
siparis, siparis no, siparis numarasi, siparis numaraniz, siparisiniz, fatura no, fatura numarasi, telefon no, telefon numarasi, cep, musteri no, musteri numarasi, musteri numaraniz, vergi no, mersis, mersis no, ticaret sicil, hesap, hesap no, takip no, takip numarasi, kargo, kargo takip, kargo takip no, rezervasyon, tutar, toplam, beri, ile biten, biten, tc kimlik, cagri merkezi, musteri hizmetleri, talep no, islem no, referans no, referans, uyelik no, kart, bilet no, pnr no
zamowienie, zamowienia, numer zamowienia, zamowienie nr, faktura, faktura nr, nr faktury, numer telefonu, nip, regon, krs, numer klienta, przesylka, numer przesylki, konto, kwota, objednavka, cislo objednavky, faktura c, ico, dic, rendeles, rendelesszam, szamla, szamlaszam, adoszam, ugyfelszam, comanda, numar comanda, factura, cui
bestallning, ordernr, order nr, ordrenummer, ordre, ordernummer, fakturanummer, fakturanr, kundnummer, kundenummer, org.nr, org nr, orgnr, cvr, cvr-nr, cvr nr, tlf, tel, puh, puhelin, tilaus, tilausnumero, tilausnumerosi, lasku, laskun numero, y-tunnus, asiakasnumero, sandningsnummer, kollinummer, bokning, bokningsnummer, booking nr, medlemsnummer
заказ, заказа, номер заказа, заказ №, счет, счёт, телефон, тел, инн, кпп, огрн, договор, карта, карты, номер карты, отправление, трек-номер, трек, замовлення, номер замовлення, рахунок, телефоном, горячая линия, лицевой счет, чек, обращение, обращения, бронирование, квитанция, єдрпоу, індекс, индекс
παραγγελια, αριθμος παραγγελιας, παραγγελιας, τηλ, τηλεφωνο, αφμ, τιμολογιο, τ.κ
don hang, so don hang, hoa don, dien thoai, hotline, tong dai, ma so thue, so tai khoan, sdt, don hang so

postinumero, asiakasnumero, jasennumero, varausnumero, laskunumero, viitenumero, postanski broj, broj narudzbe, broj racuna, broj clana, broj ugovora, broj telefona, oib, cislo uctu, cislo faktury, zakaznicke cislo, cislo zakazky, cislo zasilky, cislo zakaznika, rodne cislo, psc, racun br, korisnicki broj, referentni broj
foglalasi szam, szamlaszam, csomagszam, tagszam, hivatkozasi szam, numar client, numar cont, numar factura, numar de telefon, numar rezervare, nr. comanda, nr. client, nr. factura, numar de comanda, cnp
клиентски номер, номер на поръчка, поръчка, фактура, ею, ег, номер счета, номер счёта, табельный номер, номер клиента, номер договора, номер рахунку, номер клієнта, номер договору, код єдрпоу, накладна, ттн, снилс, паспорт, рнокпп, артикул
αριθμος λογαριασμου, αριθμος πελατη, αριθμος μελους, αριθμος αποστολης, αριθμος κρατησης, αριθμος τιμολογιου, αριθμος τηλεφωνου, αρ. πρωτ
nombor pesanan, nombor akaun, nombor ahli, nombor pekerja, nombor telefon, nombor rujukan, no. akaun, no. ahli, no. pekerja, no. rujukan, no. ic, no. pelanggan, nombor pelanggan, no. invois, invois
so dien thoai, so tham chieu, so hop dong, so the, so hoa don, so theo doi, ma so khach hang, mst, cmnd, cccd, so cmnd, so can cuoc, tai khoan so, so khach hang
numero de cuenta, numero de socio, numero de empleado, numero de contrato, numero de poliza, numero de referencia, numero de expediente, numero de reserva, numero de guia, numero de serie, numero de compte, numero d'adherent, numero de contrat, numero de membre, numero de reference, numero de conta, numero de contrato, numero da conta, numero de matricula, numero de serie, numero di conto, numero di tessera, numero di pratica, numero socio, numero di serie, numero di riferimento, matricola, legajo, curp, dni, nie
@label -0.5 word
account, accounts, customer, client, member, membership, subscriber, user, username, employee, patient, student, profile, login id, login, id
konto, kontos, account, kunde, kunden, kundin, mitglied, benutzer, mitarbeiter, personal, profil, cuenta, cliente, socio, usuario, empleado, perfil, compte, client, adherent, membre, utilisateur, employe, profil, conta, membro, funcionario, usuaria, conto, utente, dipendente, account n, tessera, iscritto
klant, gebruiker, lid, medewerker, akun, pengguna, anggota, karyawan, hesap, hesabi, hesabiniz, musteri, uye, kullanici, personel, konta, klienta, uzytkownika, uzytkownik, klient, uctu, ucet, uzivatel, zakaznik, zamestnanec, fiok, fiokhoz, felhasznalo, ugyfel, cont, contul, contului, utilizator, clientul, kontot, konto, anvandare, kund, medlem, bruker, kunde, bruger, kontoen, medarbejder, tili, tilille, tilin, tilillesi, kayttaja, asiakas, jasen
racun, racuna, korisnicki racun, korisnik, korisnika, clan, akaun, ahli, pekerja, tai khoan, khach hang, thanh vien, nhan vien
аккаунт, аккаунта, аккаунту, учетной записи, учётной записи, учетная запись, пользователь, пользователя, клиент, клиента, сотрудник, сотрудника, абонент, абонента, облікового запису, обліковий запис, акаунт, акаунта, користувач, користувача, клієнт, клієнта, профил, сметка, акаунти, потребител
λογαριασμο, λογαριασμου, λογαριασμος, πελατη, πελατης, μελος, χρηστη, χρηστης, υπαλληλος
חשבון, לחשבון, החשבון, לקוח, משתמש, עובד, מנוי, حساب, حسابك, الحساب, للحساب, لحسابك, العميل, عميل, المستخدم, مستخدم, العضو, عضو, الموظف, مشتری, کاربر, کاربری, عضویت, کارمند, खाता, खाते, ग्राहक, सदस्य, उपयोगकर्ता, कर्मचारी
@label -0.5 any
アカウント, お客様, 会員, ユーザー, 账户, 帐户, 帳戶, 賬戶, 账号, 帐号, 用户, 用戶, 会员, 會員, 客户, 客戶, 员工, 員工, 계정, 회원, 고객, 사용자, 직원, บัญชี, ลูกค้า, สมาชิก, ผู้ใช้, พนักงาน

@machine 1 word
error, errors, fatal, panic, panic:, warn, warning:, debug, info:, trace, stderr, stdout, exception, traceback, stack trace, goroutine, segfault, errno, signal, exited, exit, upstream, http/1.0, http/1.1, http/2, returned by, caused by, assertion failed, syntaxerror, typeerror, valueerror, nullpointerexception, undefined, runtime, worker, thread, process, segmentation fault, core dumped, build failed, test failed, compile, compiler, stack, smtp error, delivery failed, bounced, diagnostic-code, errorcode, rejected, nxdomain, timeout, status=, level=, msg=, ts=, pid=, webhook, payload, endpoint
fehler, erreur, errore, erro, foutmelding, hiba, virhe, feil, fel, ошибка, помилка, грешка, chyba, blad, hata, kesalahan, ralat, loi, σφαλμα, greska, eroare
@machine 1 any
エラー, 错误, 錯誤, 오류, خطأ, שגיאה, त्रुटि, ข้อผิดพลาด, خطای

@stale 1 word
previous, earlier, former, old, expired, no longer valid, no longer works, do not use, don't use, example, for example, e.g, such as, invalid, superseded
vorherige, vorherigen, vorheriger, alte, alten, alter, fruhere, fruheren, abgelaufen, abgelaufene, ungultig, nicht mehr gultig, beispiel, z.b, z. b, zum beispiel, bisherige, bisherigen
anterior, anteriores, antiguo, viejo, caducado, ya no es valido, ejemplo, por ejemplo, vencido, precedent, ancien, ancienne, expire, n'est plus valable, exemple, par exemple, antigo, expirado, exemplo, por exemplo, nao e mais valido, precedente, vecchio, scaduto, esempio, ad esempio
vorige, oude, verlopen, voorbeeld, bijvoorbeeld, niet meer geldig, sebelumnya, lama, kedaluwarsa, kadaluarsa, contoh, misalnya, tidak berlaku lagi, onceki, eski, gecersiz, ornek, ornegin, suresi dolmus, poprzedni, stary, np, tidigare, gammal, tidligere, gammel, aiempi, vanha, esimerkki
предыдущий, предыдущего, старый, старого, истек, например, попередній, старий
@stale 1 any
以前の, 前回の, 古い, 無効になり, 無効な, 失効した, 例えば, 旧コード, 之前的, 旧的, 已失效, 已过期, 例如, 先前的, 舊的, 이전, 만료된, 예를 들어, السابق, القديم, المنتهي الصلاحية, مثال, على سبيل المثال, לדוגמה, หมดอายุแล้ว

@promo 1 any
% off, at checkout, discount, % rabatt, rabatt, gutschein, an der kasse, descuento, % de réduction, réduction sur, desconto, sconto, korting, diskon, indirim, zniżki, zľava, скидк, знижк, クーポン, 割引, 优惠, 折扣, 優惠, 할인, خصم, voucher, coupon, promo
@expiry 0.06 start
expires, expire, valid for, valid until, minutes, minute, gultig, minuten, ablauf, lauft ab, caduca, expira, valido, valida, minutos, minutes, valable, valide, scade, minuti, geldig, minuten, verloopt, berlaku, menit, gecerli, dakika, wazny, minut, platnost, giltig, gyldig, voimassa, минут, действителен, дійсний, хвилин, phut, hieu luc
do not share, don't share, never share, nicht weiter, geben sie, no comparta, no compartas, ne partagez, ne communiquez, nao compartilhe, non condividere, deel deze, jangan berikan, jangan bagikan, jangan beritahu, kimseyle paylasma, nie udostepniaj, не сообщайте, никому
@expiry 0.06 any
有効期限, 分間有効, 以内に, 有効です, 分以内, 他人に, 有效期, 分钟内, 分鐘內, 分钟, 请勿, 請勿, 유효, 분 이내, 공유하지, 타인에게, صالح, صالحة, دقائق, دقيقة, لا تشارك, ينتهي, تنتهي صلاحي, תקף, דקות, मिनट, साझा न, นาที, หมดอายุ

@footer 1 any
unsubscribe, all rights reserved, privacy policy, abmelden, abbestellen, impressum, geschäftsführer, datenschutz, alle rechte vorbehalten, darse de baja, cancelar suscripción, todos los derechos, se désabonner, désinscri, tous droits réservés, mentions légales, descadastrar, todos os direitos, uitschrijven, afmelden voor, alle rechten, berhenti berlangganan, hak cipta, abonelikten, tüm hakları, annulla iscrizione, tutti i diritti
配信停止, 登録解除, 退订, 取消订阅, 取消訂閱, 版权所有, 版權所有, 수신거부, إلغاء الاشتراك, جميع الحقوق, отписаться, все права, wypisz się, avregistrera, afmeld, peruuta tilaus, ©, (c) 20, you received this email, you are receiving this, diese e-mail wurde an, este correo fue enviado, cet e-mail a été envoyé, este e-mail foi enviado, email ini dikirim, bu e-posta, deze e-mail is verzonden, 本メールは, 本邮件由
`
