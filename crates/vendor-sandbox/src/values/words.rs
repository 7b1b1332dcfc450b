//! The invented names that the seed is made of; nobody here exists.

pub(crate) const FIRST_NAMES: [&str; 28] = [
    "Orla",
    "Dorian",
    "Tamsin",
    "Zoë",
    "Łukasz",
    "Søren",
    "Anaïs",
    "美咲",
    "Ngọc",
    "Íñigo",
    "Ayşe",
    "Björk",
    "Μελίνα",
    "Олена",
    "نور",
    "Jean-Luc",
    "D'Arcy",
    "Mary Jo",
    "Xanthe",
    "Caspian",
    "Perpetua",
    "Ottoline",
    "Lazarus",
    "Isolde",
    "Barnaby",
    "Ffion",
    "Thaddeus",
    "Wren",
];

pub(crate) const LAST_NAMES: [&str; 28] = [
    "Quillfeather",
    "Brackwater",
    "O'Thistle",
    "Marrowby",
    "Vander Plum",
    "Świerk",
    "Ångdal",
    "Núñez-Farr",
    "山影",
    "de la Brise",
    "Öztarla",
    "Þorvík",
    "Κορμός",
    "Дубова",
    "Fenwhistle",
    "Gristlewood",
    "Saltonby",
    "Tidewell",
    "Umberfall",
    "Larkspring",
    "Hollowmere",
    "Cindergate",
    "Pebblethorpe",
    "Rookhaven",
    "Ashgrove-Lünd",
    "McFallow",
    "Smith \"Smitty\"",
    "Yarrow\\Row",
];

pub(crate) const TITLES: [&str; 12] = [
    "Head of Procurement",
    "Buyer",
    "Geschäftsführerin",
    "VP, \"Special\" Projects",
    "CTO & co-founder",
    "Técnico de ventas",
    "Ops 🚚 Lead",
    "Line one\nLine two",
    "C:\\sales\\lead",
    "<b>Chief</b>",
    "Office\tManager",
    "課長",
];

pub(crate) const COMPANY_WORDS: [&str; 20] = [
    "Larkspur",
    "Novaquill",
    "Tidewater",
    "Brambleworks",
    "Kestrel",
    "Øresund",
    "Señorío",
    "Copperfen",
    "Lumenleaf",
    "Gannet",
    "Hazelmoor",
    "Ironbark",
    "Jolly Otter",
    "Mühlbach",
    "Northwick",
    "Pinnacle",
    "Quartzline",
    "Rowan",
    "Súper",
    "翠光",
];

pub(crate) const COMPANY_TRADES: [&str; 9] = [
    "Freightworks",
    "Bakery",
    "Instruments",
    "& Daughters",
    "GmbH",
    "Optics",
    "\"Prime\" Parts",
    "Textiles",
    "Labs 🧪",
];

pub(crate) const STREETS: [&str; 8] = [
    "14 Tiller Row",
    "Am Deich 3",
    "Rúa do Mar, 7",
    "221 \"B\" Wharf",
    "9 Back\\Slash Lane",
    "港町1-2-3",
    "Unit 5\nDock 2",
    "Ö-gatan 11",
];

/// City, state, zip, country, name of the country.
pub(crate) const PLACES: [[&str; 5]; 7] = [
    ["Port Vell", "OR", "97999", "US", "United States"],
    ["Strandhafen", "", "99998", "DE", "Germany"],
    ["Vila Serena", "Galicia", "", "ES", "Spain"],
    ["Minato", "", "999-0001", "JP", "Japan"],
    ["Saltby", "Kent", "ZZ9 9ZZ", "GB", "United Kingdom"],
    ["Lac-aux-Mûres", "QC", "Z9Z 9Z9", "CA", "Canada"],
    ["Ostrava Nová", "", "", "CZ", ""],
];

pub(crate) const TAGS: [&str; 10] =
    ["Buyer", "Spring Fair", "VIP", "Lead", "follow_up", "Käufer", "Renewal 2026", "partner", "Éte", "お客様"];

pub(crate) const WEBSITES: [&str; 12] = [
    "URL",
    "SKYPE",
    "TWITTER",
    "LINKEDIN",
    "FACEBOOK",
    "XING",
    "FEED",
    "GOOGLE_PLUS",
    "FLICKR",
    "GITHUB",
    "YOUTUBE",
    "URL",
];

pub(crate) const PHONES: [&str; 7] = ["work", "home", "mobile", "main", "home fax", "work fax", "other"];

pub(crate) const ADDRESSES: [&str; 3] = ["home", "postal", "office"];

pub(crate) const FRUIT: [&str; 3] = ["lemon", "plum", "quince"];

/// First and last names of those who work with an account.
pub(crate) const USERS: [[&str; 2]; 5] =
    [["Ines", "Marrow"], ["Bohuš", "Vlček"], ["Tadhg", "O'Fen"], ["Mireille", "d'Aubépine"], ["Kofi", "Tallow"]];

pub(crate) const DEALS: [&str; 8] = [
    "Crane telemetry rollout",
    "Yard sensors & cabling",
    "Renouvellement d'été",
    "50% pilot",
    "Kühlhaus Erweiterung",
    "\"Phase 2\" licences",
    "年間契約",
    "O'Hara framework",
];

pub(crate) const CONVERSATIONS: [&str; 5] = ["Left Voicemail", "First call", "Demo", "Follow-up", "Réunion"];

pub(crate) const NOTES: [&str; 8] = [
    "Will ring back on Thursday.",
    "Wants a quote for 20 units & spares;\r\nbudget is 5% lower than last year.",
    "Spoke to \"the other\" O'Hara by mistake.",
    "",
    "Très intéressée par l'offre.",
    "<b>Important</b>: contract ends in March.",
    "次回は来週です。",
    "Path is C:\\quotes\\2024 🚚",
];
