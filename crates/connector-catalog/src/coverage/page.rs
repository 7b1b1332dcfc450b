//! A page of headings, paragraphs, lists and tables, written as Markdown or HTML.

use std::fmt::Write as _;

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// What it holds, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a page. Text between backticks is code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading and its level, 1 to 6.
    Heading(usize, String),
    /// A paragraph.
    Text(String),
    /// A list.
    Items(Vec<String>),
    /// A table: its head, then its rows.
    Table(Vec<String>, Vec<Vec<String>>),
}

impl Page {
    /// The page as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let row = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let blocks = self.blocks.iter().map(|block| match block {
            Block::Heading(level, text) => format!("{} {text}\n", "#".repeat(*level)),
            Block::Text(text) => format!("{text}\n"),
            Block::Items(items) => format!("- {}\n", items.join("\n- ")),
            Block::Table(head, rows) => {
                let rule = head.iter().map(|_| " --- |").collect::<String>();
                let rows: String = rows.iter().map(|cells| row(cells)).collect();
                format!("{}|{rule}\n{rows}", row(head))
            }
        });
        blocks.collect::<Vec<_>>().join("\n")
    }

    /// The page as the body of an HTML document; headings have their text as anchors.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut html = String::new();
        for block in &self.blocks {
            // Writing to a String cannot fail.
            let _ = match block {
                Block::Heading(level, text) => {
                    write!(html, "<h{level} id=\"{}\">{}</h{level}>", anchor(text), inline(text))
                }
                Block::Text(text) => write!(html, "<p>{}</p>", inline(text)),
                Block::Items(items) => write!(html, "<ul>{}</ul>", cells("li", items)),
                Block::Table(head, rows) => {
                    let rows: Vec<String> = rows.iter().map(|row| cells("td", row)).collect();
                    let (head, rows) = (cells("th", head), rows.join("</tr><tr>"));
                    write!(html, "<table><thead><tr>{head}</tr></thead><tbody><tr>{rows}</tr></tbody></table>")
                }
            };
        }
        html
    }
}

fn cells(tag: &str, texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| inline(text)).collect();
    format!("<{tag}>{}</{tag}>", texts.join(&format!("</{tag}><{tag}>")))
}

/// Text with what stands between backticks as code.
fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| {
        let part = part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        if index % 2 == 1 { format!("<code>{part}</code>") } else { part }
    });
    parts.collect()
}

fn anchor(text: &str) -> String {
    let letters = text
        .chars()
        .filter(|letter| *letter != '`')
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        Page {
            blocks: vec![
                Block::Heading(2, "A & `b`".to_owned()),
                Block::Items(vec!["`x < y`".to_owned()]),
                Block::Table(vec!["k".to_owned()], vec![vec!["a|b".to_owned()]]),
            ],
        }
    }

    #[test]
    fn markdown_keeps_pipes_out_of_table_rules() {
        assert_eq!(page().to_markdown(), "## A & `b`\n\n- `x < y`\n\n| k |\n| --- |\n| a\\|b |\n");
    }

    #[test]
    fn html_is_escaped() {
        assert_eq!(
            page().to_html(),
            "<h2 id=\"a---b\">A &amp; <code>b</code></h2><ul><li><code>x &lt; y</code></li></ul>\
             <table><thead><tr><th>k</th></tr></thead><tbody><tr><td>a|b</td></tr></tbody></table>"
        );
    }
}
