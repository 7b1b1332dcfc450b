//! How long functions and files are, and how much stands beside each other: `just figures` prints it.

use std::collections::BTreeMap;

use syn::visit::Visit;

use super::sources::{Source, sources};

const LONGEST_FUNCTION: usize = 100;
const LONGEST_MEDIAN: usize = 8;
const LONGEST_FILE: usize = 500;
const MOST_FILES_BESIDE: usize = 15;
/// How many functions may have five or more parameters besides `self`.
const MOST_WITH_MANY_PARAMETERS: usize = 30;

struct Function {
    name: String,
    lines: usize,
    parameters: usize,
}

#[derive(Default)]
struct Functions(Vec<Function>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let lines = block.brace_token.span.close().end().line - signature.fn_token.span.start().line + 1;
        let is_typed = |input: &&syn::FnArg| matches!(input, syn::FnArg::Typed(_));
        let parameters = signature.inputs.iter().filter(is_typed).count();
        self.0.push(Function { name: signature.ident.to_string(), lines, parameters });
    }
}

impl Visit<'_> for Functions {
    fn visit_item_fn(&mut self, function: &syn::ItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}

fn functions(source: &Source) -> Vec<Function> {
    let mut functions = Functions::default();
    functions.visit_file(&source.syntax);
    functions.0
}

#[expect(clippy::print_stdout, reason = "the figures are what the test is read for")]
#[test]
fn functions_files_and_folders_stay_small() {
    let sources = sources();
    let shown = |source: &Source| {
        let path = source.path.components().skip_while(|part| part.as_os_str() != source.crate_name.as_str());
        path.collect::<std::path::PathBuf>().display().to_string()
    };
    let (mut lengths, mut too_much, mut with_many) = (Vec::new(), Vec::new(), Vec::new());
    let mut beside: BTreeMap<String, usize> = BTreeMap::new();
    for source in &sources {
        let place = shown(source);
        for Function { name, lines, parameters } in functions(source) {
            lengths.push(lines);
            if lines > LONGEST_FUNCTION {
                too_much.push((format!("{place}: {name}"), lines));
            }
            if parameters >= 5 {
                with_many.push(format!("{place}: {name} has {parameters} parameters"));
            }
        }
        if source.lines > LONGEST_FILE {
            too_much.push((place.clone(), source.lines));
        }
        *beside.entry(place.rsplit_once('/').unwrap().0.to_owned()).or_default() += 1;
    }
    let crowded = beside.iter().filter(|(_, files)| **files > MOST_FILES_BESIDE);
    too_much.extend(crowded.map(|(folder, files)| (folder.clone(), *files)));
    too_much.sort_unstable();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    println!(
        "{} functions: {median} lines in the middle, {} at the 90th percentile",
        lengths.len(),
        lengths[lengths.len() * 9 / 10]
    );
    println!("{} functions with five or more parameters besides self:\n{}", with_many.len(), with_many.join("\n"));
    assert!(too_much.is_empty(), "too large, in lines or files beside each other: {too_much:#?}");
    assert!(median <= LONGEST_MEDIAN, "{median}");
    assert!(with_many.len() <= MOST_WITH_MANY_PARAMETERS, "{}", with_many.len());
}
