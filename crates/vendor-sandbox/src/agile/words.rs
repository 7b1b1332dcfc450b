//! The invented names that the seed is made of; nobody here exists.

pub(super) const FIRST_NAMES: [&str; 28] = [
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

pub(super) const LAST_NAMES: [&str; 28] = [
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

pub(super) const TITLES: [&str; 12] = [
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

pub(super) const COMPANY_WORDS: [&str; 20] = [
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

pub(super) const COMPANY_TRADES: [&str; 9] = [
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

pub(super) const STREETS: [&str; 8] = [
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
pub(super) const PLACES: [[&str; 5]; 7] = [
    ["Port Vell", "OR", "97999", "US", "United States"],
    ["Strandhafen", "", "99998", "DE", "Germany"],
    ["Vila Serena", "Galicia", "", "ES", "Spain"],
    ["Minato", "", "999-0001", "JP", "Japan"],
    ["Saltby", "Kent", "ZZ9 9ZZ", "GB", "United Kingdom"],
    ["Lac-aux-Mûres", "QC", "Z9Z 9Z9", "CA", "Canada"],
    ["Ostrava Nová", "", "", "CZ", ""],
];

pub(super) const TAGS: [&str; 10] =
    ["Buyer", "Spring Fair", "VIP", "Lead", "follow_up", "Käufer", "Renewal 2026", "partner", "Éte", "お客様"];

pub(super) const WEBSITES: [&str; 12] = [
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

pub(super) const PHONES: [&str; 7] = ["work", "home", "mobile", "main", "home fax", "work fax", "other"];

pub(super) const ADDRESSES: [&str; 3] = ["home", "postal", "office"];

pub(super) const FRUIT: [&str; 3] = ["lemon", "plum", "quince"];
