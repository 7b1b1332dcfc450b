//! The rooms of a crate: its folders import in one direction. Among the folders of one level there is no circle, so that they have an
//! order in which no import runs upwards.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use syn::visit::Visit;

use super::sources::{Source, sources};

/// Where something stands: the names of the modules on the way to it.
type Place = Vec<String>;
/// For the folders of one level: who imports from whom.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The paths that a file names.
#[derive(Default)]
struct Named {
    paths: Vec<Place>,
    reexported: Vec<(String, Place)>,
}

impl Named {
    fn tree(&mut self, tree: &syn::UseTree, before: &[String], is_public: bool) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident), is_public),
            syn::UseTree::Name(name) => self.leaf(with(&name.ident), name.ident.to_string(), is_public),
            syn::UseTree::Rename(name) => self.leaf(with(&name.ident), name.rename.to_string(), is_public),
            syn::UseTree::Glob(_) => self.paths.push(before.to_vec()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before, is_public)),
        }
    }

    fn leaf(&mut self, path: Place, name: String, is_public: bool) {
        if is_public {
            self.reexported.push((name, path.clone()));
        }
        self.paths.push(path);
    }
}

impl Visit<'_> for Named {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        self.tree(&item.tree, &[], !matches!(item.vis, syn::Visibility::Inherited));
    }

    fn visit_path(&mut self, path: &syn::Path) {
        self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }
}

/// What a crate's modules are, and what they hand on.
struct Crate<'a> {
    modules: HashSet<&'a [String]>,
    reexports: HashMap<(Place, String), Place>,
}

impl Crate<'_> {
    /// Whether a module has others within it.
    fn is_folder(&self, module: &[String]) -> bool {
        self.modules.iter().any(|other| other.len() > module.len() && other.starts_with(module))
    }

    /// The path from the crate's root, where it leads into this crate.
    fn absolute(&self, from: &[String], path: &[String]) -> Option<Place> {
        let above = path.iter().take_while(|name| *name == "super").count();
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([from, &path[1..]].concat()),
            "super" => Some([&from[..from.len().checked_sub(above)?], &path[above..]].concat()),
            // In the 2024 edition a bare name may be a module beside the file's own items.
            name => {
                self.modules.contains([from, &[name.to_owned()]].concat().as_slice()).then(|| [from, path].concat())
            }
        }
    }

    /// The module that defines what a path names, whoever hands it on.
    fn home(&self, path: &[String], hops: usize) -> Place {
        for at in 0..path.len() {
            if self.modules.contains(&path[..=at]) {
                continue;
            }
            if let Some(origin) = self.reexports.get(&(path[..at].to_vec(), path[at].clone())).filter(|_| hops > 0) {
                return self.home(origin, hops - 1);
            }
            return path[..at].to_vec();
        }
        path.to_vec()
    }
}

/// For the folder whose children they are: who imports from whom.
type Levels = BTreeMap<Place, Imports>;

/// Who imports from whom in each crate.
fn imports(sources: &[Source]) -> BTreeMap<&str, Levels> {
    let mut crates: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in sources {
        crates.entry(&source.crate_name).or_default().push(source);
    }
    crates.into_iter().map(|(name, own)| (name, imports_within(&own))).collect()
}

fn imports_within(sources: &[&Source]) -> Levels {
    let named: Vec<(&[String], Named)> =
        sources.iter().map(|source| (source.module.as_slice(), named(source))).collect();
    let mut own = Crate { modules: named.iter().map(|(module, _)| *module).collect(), reexports: HashMap::new() };
    for (module, named) in &named {
        for (name, path) in &named.reexported {
            if let Some(path) = own.absolute(module, path) {
                own.reexports.insert((module.to_vec(), name.clone()), path);
            }
        }
    }
    let mut levels = Levels::new();
    for (module, named) in &named {
        for path in named.paths.iter().filter_map(|path| own.absolute(module, path)) {
            let home = own.home(&path, 8);
            let common = module.iter().zip(&home).take_while(|(here, there)| here == there).count();
            let (Some(here), Some(there)) = (module.get(common), home.get(common)) else { continue };
            if own.is_folder(&module[..=common]) && own.is_folder(&home[..=common]) {
                let level = levels.entry(home[..common].to_vec()).or_default();
                level.entry(here.clone()).or_default().insert(there.clone());
            }
        }
    }
    levels
}

fn named(source: &Source) -> Named {
    let mut named = Named::default();
    named.visit_file(&source.syntax);
    named
}

/// The pairs of folders that import from each other, also by way of others.
fn circles(imports: &Imports) -> BTreeSet<(String, String)> {
    let reached = |from: &String| {
        let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(room) = next.pop() {
            for there in imports.get(room).into_iter().flatten() {
                if reached.insert(there.clone()) {
                    next.push(there);
                }
            }
        }
        reached
    };
    let reach: BTreeMap<&String, BTreeSet<String>> = imports.keys().map(|room| (room, reached(room))).collect();
    let in_circle =
        |here: &String, there: &String| here < there && reach.get(there).is_some_and(|back| back.contains(here));
    let pairs = reach.iter().flat_map(|(here, there)| there.iter().map(move |there| ((*here).clone(), there.clone())));
    pairs.filter(|(here, there)| in_circle(here, there)).collect()
}

#[expect(clippy::print_stdout, reason = "the pairs are what the test is read for")]
#[test]
fn folders_import_in_one_direction() {
    let mut found = Vec::new();
    let sources = sources();
    for (crate_name, levels) in imports(&sources) {
        let mut pairs = 0;
        for (place, imports) in levels {
            for (here, there) in circles(&imports) {
                let here = [place.as_slice(), &[here]].concat().join("::");
                println!("{crate_name}: {here} and {there} import from each other");
                pairs += 1;
            }
        }
        found.extend((pairs > 0).then_some((crate_name, pairs)));
    }
    assert_eq!(found, []);
}

#[test]
fn a_circle_is_found() {
    let source = |module: &[&str], text: &str| Source {
        crate_name: "house".to_owned(),
        module: module.iter().map(|name| (*name).to_owned()).collect(),
        path: "src/lib.rs".into(),
        lines: 1,
        syntax: syn::parse_file(text).unwrap(),
    };
    let sources = [
        source(&[], "pub use kitchen::oven::Oven;"),
        source(&["kitchen"], ""),
        source(&["kitchen", "oven"], "fn heat() { crate::hall::lamp::light() }"),
        source(&["hall"], ""),
        source(&["hall", "lamp"], "use crate::Oven;"),
        source(&["cellar", "shelf"], "use crate::hall::lamp::light;"),
    ];
    let levels = imports(&sources).remove("house").unwrap();
    assert_eq!(
        circles(&levels[&Place::new()]).into_iter().collect::<Vec<_>>(),
        [("hall".to_owned(), "kitchen".to_owned())]
    );
}
