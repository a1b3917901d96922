// Bahasa Indonesia. {name} diisi; objek memuat bentuk jamak menurut {n}.
export default {
  "nav": "Kotak surat dan tampilan", "menu": "Menu", "skip": "Langsung ke isi", "close": "Tutup", "cancel": "Batal", "save": "Simpan", "create": "Buat",
  "retry": "Coba lagi", "copy": "Salin", "copied": "Tersalin", "copy.what": "Salin {what}", "copy.link": "Salin tautan", "copy.id": "Salin ID", "loading": "Memuat",
  "more": "Tindakan lain", "more.n": "{n} lagi", "next": "Berikutnya", "previous": "Sebelumnya", "back": "Kembali ke daftar", "yes": "ya", "none": "tidak ada",
  "narrow": "Ketik untuk menyaring", "picker.more": "{n} lagi: ketik untuk menyaring", "picker.none": "Tidak ada yang cocok", "docs": "Dokumen API", "sign_out": "Keluar", "edit": "Ubah", "remove": "Hapus", "add": "Tambah",
  "error.offline": "Catchpost tidak menjawab", "error.offline.what": "Mungkin sudah berhenti, atau jaringan terputus. Halaman ini mencoba lagi sendiri; yang Anda tulis tetap tersimpan.", "error.title": "Itu tidak berhasil",
  "live.live": "Langsung: surat baru muncul sendiri", "live.connecting": "Menyambung…", "live.polling": "Melihat setiap beberapa detik", "live.off": "Tidak tersambung",

  "sandbox": "Kotak pasir", "sandboxes.manage": "Semua kotak pasir…", "account": "Akun", "catch_all": "Semua orang", "catch_all.what": "Semua surat kotak pasir ini", "account.open": "Buka {address}",
  "everything": "Semua surat", "count.title": "{n} pesan, {unseen} belum dibaca",
  "box.inbox": "Kotak masuk", "box.sent": "Terkirim", "box.drafts": "Draf", "box.junk": "Sampah iklan", "box.trash": "Tempat sampah", "box.archive": "Arsip", "box.all": "Semua", "box.flag": "Ditandai",
  "box.empty": "Kosong", "box.empty.what": "Pesan yang tiba di, atau dipindahkan ke, kotak surat ini muncul di sini dengan sendirinya.",
  "view.mail": "Surat", "view.compose": "Tulis", "view.contacts": "Kontak", "view.sessions": "Sesi", "view.queue": "Antrean", "view.webhooks": "Webhook",
  "view.sandboxes": "Kotak pasir", "view.limits": "Batas", "view.settings": "Pengaturan", "view.options": "Pilihan daftar",

  "time.now": "kini", "time.minutes": "{n} mnt", "time.over": "habis", "time.dh": "{d} hr {h} jam", "time.hm": "{h} jam {m} mnt", "time.m": "{m} mnt", "time.s": "{s} dtk",
  "list": "Pesan", "message": "Pesan", "messages": { other: "{n} pesan" }, "found": { other: "{n} ditemukan" }, "found.least": { other: "{n} atau lebih ditemukan" },
  "no_subject": "(tanpa subjek)", "nobody": "(tak seorang pun)", "unread": "Belum dibaca", "answered": "Dibalas", "from": "Dari", "to": "Kepada", "cc": "Cc", "bcc": "Bcc", "reply_to": "Balas ke",
  "density.cosy": "Baris lapang", "density.compact": "Baris rapat", "refresh": "Lihat lagi",
  "pruned": { other: "{n} terpangkas" }, "pruned.what": "Pesan kotak pasir ini yang hilang karena batasnya",
  "search": "Cari, atau from:anna size.gt:1MB", "search.clear": "Hapus pencarian", "search.help": "Cara mencari", "suggestions": "Saran",
  "search.nothing": "Tidak ada yang cocok", "search.nothing.what": "Kata yang lebih sedikit mungkin menemukan lebih banyak. Medan ditulis seperti subject:welcome atau from.contains:shop.",
  "select.one": "Pilih {subject}", "select.none": "Batalkan pilihan", "selected": "{n} dipilih", "selection": "Pilihan",
  "mark.seen": "Tandai sudah dibaca", "mark.unseen": "Tandai belum dibaca", "flag": "Tandai", "tag": "Label", "tags": "Label", "tags.hint": "Dipisah koma; menggantikan yang sudah ada", "tagged": "Diberi label",
  "tag.title": { other: "Beri label {n} pesan" }, "move": "Pindahkan", "move.title": { other: "Pindahkan {n} pesan ke" }, "move.copy": "Tinggalkan salinan di sini", "move.gone": "Kotak masuk tidak lagi memuatnya",
  "moved.to": "Dipindahkan ke {box}", "copied.to": "Disalin ke {box}", "mailbox.new": "Kotak surat baru", "export": "Ekspor", "exported": { other: "{n} diekspor" },
  "delete": "Hapus", "deleted": { other: "{n} dihapus" }, "delete.title": { other: "Hapus {n} pesan?" },
  "delete.evidence": "Semuanya hilang selamanya, dari setiap akun dan kotak surat.", "delete.entries": "Semuanya keluar dari kotak surat ini; bukti yang tertangkap tetap ada di Semua surat.",
  "delete.all": "Hapus semua surat", "delete.all.what": "Setiap pesan “{sandbox}” hilang selamanya.", "delete.all.done": "Semua surat dihapus",
  "message.none": "Belum ada pesan yang dipilih", "message.none.what": "Pilih dari daftar, atau telusuri dengan", "place": "{at} dari {count}",
  "welcome": "Menunggu surat", "welcome.what": "Arahkan SMTP aplikasi Anda ke sini. Apa pun yang dikirimnya ditangkap dan langsung muncul; tak ada yang keluar.", "welcome.compose": "Atau tulis pesan", "user": "Pengguna", "address": "Alamat",

  "reply": "Balas", "reply_all": "Balas semua", "forward": "Teruskan", "download": "Unduh", "download.eml": "Unduh .eml", "download.what": "Unduh {what}", "download.part": "Unduh bagian {path}", "contact.add": "Tambahkan pengirim ke kontak",
  "tabs": "Cara melihatnya", "tab.html": "HTML", "tab.text": "Teks", "tab.finds": "Tautan & kode", "tab.headers": "Kepala surat", "tab.structure": "Susunan", "tab.source": "Sumber", "tab.envelope": "Amplop",
  "tab.transcript": "Transkrip", "tab.warnings": "Peringatan", "tab.assert": "Pernyataan",
  "preview": "Pesan sebagai HTML", "width": "Lebar", "width.phone": "Ponsel", "width.tablet": "Tablet", "width.desktop": "Desktop", "preview.dark": "Pratinjau gelap", "preview.light": "Pratinjau terang", "preview.window": "Buka di jendela sendiri",
  "remote.blocked": "Isi dari luar diblokir.", "remote.shown": "Isi dari luar ditampilkan.", "remote.allow": "Tampilkan", "remote.block": "Blokir",
  "text.none": "Tanpa teks", "text.none.what": "Pesan ini tidak punya bagian teks maupun HTML.", "text.html_only": "Tanpa bagian teks", "text.html_only.what": "Pesan ini hanya HTML. Klien tanpa HTML tidak menampilkan apa-apa, dan sebagian penyaring menilainya buruk.", "text.mono": "Lebar tetap",
  "cut": "Masih ada lanjutannya: unduh sumbernya untuk semuanya.", "source.large": "Terlalu besar untuk ditampilkan", "source.large.what": "Unduh dan buka dengan penyunting teks.",
  "headers.raw": "Seperti dikirim", "attachments": "Lampiran", "attachments.n": { other: "{n} lampiran" }, "attachment.unnamed": "{type} tanpa nama", "attachment.large": "Terlalu besar untuk ditampilkan di sini; unduh saja.", "show": "Tampilkan", "inline": "tertanam",
  "calendar.what": "Acara", "calendar.when": "Waktu", "calendar.where": "Tempat", "calendar.who": "Peserta", "calendar.rule": "Berulang", "calendar.text": "Rincian",
  "finds.none": "Tanpa tautan, tanpa kode", "finds.none.what": "Tautan dan kode sekali pakai dari teks atau HTML muncul di sini.", "codes": "Kode", "links": "Tautan", "score": "nilai {n}",
  "link.verify": "verifikasi", "link.sign_in": "masuk", "link.reset": "setel ulang", "link.other": "tautan", "link.unsubscribe": "berhenti", "link.tracking": "pelacak", "link.image": "gambar",
  "envelope.paths": "Kata MAIL dan RCPT", "envelope.session": "Cara datangnya", "envelope.store": "Cara disimpannya", "reverse_path": "Jalur balik", "forward_paths": "Jalur maju", "null_path": "kosong: tak mau pantulan", "bcc.what": "Tidak tercantum di kepala To atau Cc",
  "received": "Diterima", "protocol": "Protokol", "client": "Klien", "auth": "Masuk sebagai", "auth.unverified": "tidak diperiksa", "declared_size": "Ukuran yang disebut", "session": "Sesi", "sequence": "Urutan", "origin": "Asal", "size": "Ukuran",
  "warnings.what": "Yang salah pada oktet pengirim. Catchpost menyimpannya seperti saat datang.", "offset": "pada oktet {n}",
  "transcript.client": "Klien", "transcript.server": "Server", "transcript.remark": "Catatan", "transcript.cut": "Transkrip dipotong; awal dan akhirnya disimpan.", "injected": "gangguan buatan",
  "outcome.open": "terbuka", "outcome.delivered": "tersampaikan", "outcome.empty": "tak ada kiriman", "outcome.rejected": "ditolak", "outcome.aborted": "terputus", "outcome.timeout": "habis waktu", "outcome.error": "galat", "outcome.too_many_errors": "terlalu banyak galat",
  "assert.what": "Pesan ini sebagai pernyataan uji: pilih apa yang harus dipenuhi, lalu tempel.", "assert.cli": "Baris perintah", "assert.run": "Coba sekarang",

  "relay": "Kirim keluar", "relay.title": "Kirim sungguhan", "relay.what": "Pesan keluar ke server berikut tiap alamat, jika aturan mengizinkan. Yang tertangkap tetap utuh.", "relay.hint": "Dipisah koma atau spasi",
  "relay.before": "Sudah di antrean:", "relay.relay": "keluar", "relay.local": "tetap di sini", "relay.refused": "ditolak", "relay.denied": "Aturan menolaknya.", "relay.send": { other: "Kirim ke {n} alamat" }, "relay.done": { other: "Masuk antrean untuk {n} alamat" },

  "compose": "Tulis", "compose.subject": "Subjek", "compose.body": "Teks", "compose.send": "Kirim", "compose.draft": "Simpan draf", "compose.discard": "Buang", "compose.sent": "Terkirim dan tertangkap", "compose.saved": "Draf disimpan",
  "compose.attach": "Lampirkan berkas", "compose.drop": "Lepaskan berkas untuk melampirkannya", "compose.cc": "Cc & Bcc", "compose.html": "HTML", "compose.look": "Lihat hasilnya", "compose.to.none": "Sebutkan penerimanya.",
  "compose.large": "{name} terlalu besar: satu pesan paling banyak {size}.", "compose.on": "Pada {date}, {who} menulis:", "compose.forwarded": "Pesan diteruskan", "compose.note": "Ditangkap seperti surat lain; tak ada yang keluar.",
  "compose.address.bad": "{address} bukan alamat", "compose.remove": "Hapus {what}", "compose.new": "Pesan baru",

  "contacts.none": "Belum ada kontak", "contacts.none.what": "Tambahkan satu, atau impor berkas vCard. Kontak disarankan saat Anda menulis.", "contacts.import": "Impor vCard", "contacts.export": "Ekspor vCard", "contacts.imported": { other: "{n} kontak diimpor" },
  "contacts.new": "Kontak baru", "contacts.search": "Cari kontak", "contacts.delete": "Hapus kontak?", "contacts.delete.what": "{name} keluar dari buku alamat ini.", "contact.name": "Nama", "contact.addresses": "Alamat", "contact.addresses.hint": "Satu per baris", "contact.note": "Catatan",
  "contact.saved": "Tersimpan", "contacts.bad": "Tidak ada kontak yang terbaca dari berkas ini.",

  "sandboxes.what": "Tiap kotak pasir adalah ruang sendiri: surat, akun, gangguan dan batas. Beri satu untuk tiap pengujian.", "sandboxes.new": "Kotak pasir baru", "sandbox.name": "Nama", "sandbox.name.hint": "Huruf kecil, angka dan tanda hubung; kosongkan agar dibuatkan", "sandbox.ttl": "Umur", "sandbox.labels": "Label", "sandbox.labels.hint": "kunci=nilai, dipisah koma",
  "sandbox.forever": "Sampai diakhiri", "sandbox.made": "“{name}” siap", "sandbox.token.once": "Token hanya ditampilkan kali ini. Pemegangnya dapat membaca surat kotak pasir ini.", "sandbox.end": "Akhiri", "sandbox.end.title": "Akhiri “{name}”?", "sandbox.end.what": "Surat, akun dan tokennya hilang selamanya.", "sandbox.ended": "“{name}” telah berakhir",
  "sandbox.always": "Selalu", "sandbox.since": "sejak {when}", "sandbox.messages": "Surat", "sandbox.bytes": "Isi", "sandbox.open": "Buka", "sandbox.token": "Token", "sandbox.domain": "Alamat", "hours": { other: "{n} jam" }, "days": { other: "{n} hari" }, "sandbox.extend": "Ubah umur", "sandbox.copy.env": "Salin sebagai variabel",

  "sessions.none": "Belum ada sesi", "sessions.none.what": "Tiap sambungan SMTP, POP3 dan IMAP meninggalkan dialognya di sini.", "sessions.all": "Semua hasil", "session.client": "Klien", "session.outcome": "Hasil", "session.when": "Waktu", "session.verbs": "Perintah", "session.octets": "Masuk / keluar", "session.messages": "Pesan", "sessions.more": "Tampilkan lagi",
  "session.took": "Lama",

  "queue.none": "Antrean kosong", "queue.none.what": "Pesan yang akan keluar ada di sini, dengan tiap percobaannya. Tak ada yang keluar kecuali relay menyala dan Anda atau aturan memintanya.", "queue.all": "Semua keadaan", "queue.attempts": "Percobaan", "queue.next": "Coba lagi", "queue.retry": "Coba sekarang", "queue.hold": "Tahan", "queue.release": "Lepaskan", "queue.cancel": "Batalkan", "queue.done": "Selesai", "queue.of": "Dari pesan {id}", "queue.reason": "Alasan", "queue.no_attempts": "Belum dicoba.", "queue.expires": "Menyerah",
  "queue.off": "Relay mati di sini: jalankan dengan --relay.",
  "state.queued": "antre", "state.deferred": "ditunda", "state.held": "ditahan", "state.relayed": "diteruskan", "state.delivered": "tersampaikan", "state.failed": "gagal", "state.expired": "kedaluwarsa", "state.cancelled": "dibatalkan",

  "webhooks.none": "Belum ada webhook", "webhooks.none.what": "Webhook mengirim peristiwa kotak pasir ini ke server Anda, bertanda tangan, berurutan, setidaknya sekali.", "webhooks.new": "Webhook baru", "webhook.url": "Alamat", "webhook.filter": "Saringan", "webhook.filter.hint": "Sebagai JSON, dengan tata bahasa pencarian; {} meloloskan semua", "webhook.events": "Peristiwa", "webhook.events.hint": "Tanpa pilihan berarti semua", "webhook.secret": "Rahasia hanya ditampilkan kali ini; ia menandatangani tiap kiriman.", "webhook.delete": "Hapus webhook?", "webhook.delete.what": "Yang menunggu untuknya ikut hilang.", "webhook.on": "Nyala", "webhook.off": "Mati",
  "webhook.log": "Catatan kiriman", "webhook.log.none": "Belum ada yang dikirim.", "webhook.waiting": { other: "{n} peristiwa menunggu" }, "webhook.replay": "Kirim lagi", "webhook.replayed": "Dikirim lagi", "webhook.took": "{n} md", "webhook.body": "Terkirim", "webhook.response": "Jawaban", "webhook.bad_json": "Saringan bukan JSON: {error}",

  "limits.what": "Kotak pasir mematuhi batas ini; yang tidak muat lagi dipangkas, yang tertua dahulu, atau ditolak.", "limits.messages": "Pesan", "limits.bytes": "Isi", "limits.age": "Umur", "limits.none": "tanpa batas", "limits.full": "Bila penuh", "limits.prune": "Buang yang tertua", "limits.refuse": "Tolak surat baru (452)", "limits.pruned": "Hilang karena batas", "limits.saved": "Batas disimpan", "limits.bytes.hint": "Dalam oktet, atau seperti 256MB; kosong berarti tanpa batas", "limits.age.hint": "Seperti 24h; kosong berarti tanpa batas", "limits.messages.hint": "Kosong berarti tanpa batas", "limits.of": "{n} dari {limit}", "limits.server": "Instans ini", "limits.message_size": "Pesan terbesar", "limits.version": "Versi", "limits.data": "Data", "limits.durability": "Ketahanan", "limits.up": "Berjalan selama", "limits.listeners": "Pendengar", "limits.ca": "Otoritas sertifikat", "limits.ca.get": "Unduh ca.pem", "limits.bad_size": "{text} bukan ukuran",

  "settings.what": "Disimpan di peramban ini saja.", "settings.language": "Bahasa", "settings.language.auto": "Seperti peramban", "settings.theme": "Warna", "settings.theme.auto": "Seperti sistem", "settings.theme.light": "Terang", "settings.theme.dark": "Gelap", "settings.density": "Baris", "settings.notify": "Beri tahu surat baru saat saya melihat hal lain", "settings.notify.no": "Peramban tidak mengizinkan pemberitahuan di sini.", "settings.remote": "Langsung tampilkan isi dari luar pada surat HTML", "settings.remote.hint": "Pengirim jadi tahu bahwa dan di mana pesan dibuka.", "settings.learn": "Tambahkan orang yang saya tulisi ke kontak", "settings.keys": "Pintasan satu tombol", "settings.from": "Tulis sebagai", "settings.from.hint": "Alamat From pesan baru; kosong memakai akun yang terbuka",

  "signin": "Masuk", "signin.what": "Catchpost ini meminta token: milik administrator, atau milik sebuah kotak pasir.", "signin.token": "Token", "signin.bad": "Tidak ada kotak pasir dengan token ini. Mungkin sudah berakhir.",

  "keys": "Papan tombol", "keys.move": "Berpindah", "keys.act": "Bertindak", "keys.write": "Menulis", "keys.look": "Melihat", "keys.next": "Pesan berikutnya", "keys.previous": "Pesan sebelumnya", "keys.open": "Buka", "keys.back": "Kembali ke daftar", "keys.search": "Cari", "keys.help": "Bantuan ini",
  "keys.select": "Pilih", "keys.select_all": "Pilih semua yang termuat, atau tidak satu pun", "keys.flag": "Tandai", "keys.seen": "Dibaca atau belum", "keys.delete": "Hapus", "keys.move_to": "Pindahkan", "keys.tag": "Label", "keys.compose": "Tulis", "keys.reply": "Balas", "keys.reply_all": "Balas semua", "keys.forward": "Teruskan", "keys.send": "Kirim", "keys.tab": "Tab pesan", "keys.remote": "Tampilkan atau blokir isi dari luar", "keys.inbox": "Surat", "keys.off": "Pintasan satu tombol dapat dimatikan di Pengaturan.",
};
