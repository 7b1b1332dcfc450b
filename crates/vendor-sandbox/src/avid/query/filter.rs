//! `$filter`: comparisons, `and`, `or`, `not`, parentheses and the functions on texts.

use std::vec::IntoIter;

use serde_json::Value;

use crate::avid::query::lexer::{Scalar, Token, tokens};
use crate::avid::schema::{Edm, Set};
use crate::table::Record;

/// Deeper nesting is refused.
const DEEPEST: usize = 50;

/// A filter that is ready to be asked.
#[derive(Debug)]
pub(in crate::avid) enum Expression {
    Literal(Scalar),
    Property(&'static str, Edm),
    Call(Function, Vec<Expression>),
    Compare(Box<Expression>, Comparison, Box<Expression>),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

#[derive(Debug, Clone, Copy)]
pub(in crate::avid) enum Comparison {
    Equal,
    NotEqual,
    Above,
    AtLeast,
    Below,
    AtMost,
}

#[derive(Debug, Clone, Copy)]
pub(in crate::avid) enum Function {
    /// The part comes first.
    SubstringOf,
    StartsWith,
    EndsWith,
    ToLower,
    ToUpper,
    Trim,
}

/// Reads a filter over the rows of `set`, or says what is wrong with it.
pub(in crate::avid) fn parse(text: &str, set: &'static Set) -> Result<Expression, String> {
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable(), set, depth: 0 };
    let filter = parser.any()?;
    match parser.tokens.next() {
        None if filter.edm().is_none_or(|edm| edm == Edm::Flag) => Ok(filter),
        None => Err("The filter is no condition.".to_owned()),
        Some(_) => Err(format!("Syntax error at the end of '{text}'.")),
    }
}

struct Parser {
    tokens: std::iter::Peekable<IntoIter<Token>>,
    set: &'static Set,
    depth: usize,
}

type Parsed = Result<Expression, String>;

impl Parser {
    fn any(&mut self) -> Parsed {
        let mut parts = vec![self.all()?];
        while self.take_name("or") {
            parts.push(self.all()?);
        }
        combine(parts, Expression::Any)
    }

    fn all(&mut self) -> Parsed {
        let mut parts = vec![self.negation()?];
        while self.take_name("and") {
            parts.push(self.negation()?);
        }
        combine(parts, Expression::All)
    }

    fn negation(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("The filter is nested too deeply.".to_owned());
        }
        let negated = self.take_name("not");
        let inner = if negated { condition(self.negation()?)? } else { self.comparison()? };
        self.depth -= 1;
        Ok(if negated { Expression::Not(Box::new(inner)) } else { inner })
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.operand()?;
        let Some(Token::Name(name)) = self.tokens.peek() else { return Ok(left) };
        let Some(comparison) = Comparison::named(name) else { return Ok(left) };
        self.tokens.next();
        let right = self.operand()?;
        if let (Some(left), Some(right)) = (left.edm(), right.edm())
            && left != right
        {
            let types = format!("'{}' and '{}'", left.name(), right.name());
            return Err(format!(
                "A binary operator with incompatible types was detected. Found operand types {types}."
            ));
        }
        Ok(Expression::Compare(Box::new(left), comparison, Box::new(right)))
    }

    fn operand(&mut self) -> Parsed {
        match self.tokens.next() {
            Some(Token::Literal(literal)) => Ok(Expression::Literal(literal)),
            Some(Token::Open) => {
                let inner = self.any()?;
                self.expect(&Token::Close)?;
                Ok(inner)
            }
            Some(Token::Name(name)) if self.tokens.peek() == Some(&Token::Open) => self.call(&name),
            Some(Token::Name(name)) => match self.set.property(&name) {
                Some((name, edm)) => Ok(Expression::Property(name, edm)),
                None => Err(format!("Could not find a property named '{name}' on type 'Prophet.{}'.", self.set.entity)),
            },
            Some(Token::Close | Token::Comma) | None => Err("Syntax error: an expression is expected.".to_owned()),
        }
    }

    fn call(&mut self, name: &str) -> Parsed {
        let (function, count) = match name {
            "substringof" => (Function::SubstringOf, 2),
            "startswith" => (Function::StartsWith, 2),
            "endswith" => (Function::EndsWith, 2),
            "tolower" => (Function::ToLower, 1),
            "toupper" => (Function::ToUpper, 1),
            "trim" => (Function::Trim, 1),
            _ => return Err(format!("An unknown function with name '{name}' was found.")),
        };
        self.expect(&Token::Open)?;
        let mut arguments = vec![self.any()?];
        while self.tokens.next_if_eq(&Token::Comma).is_some() {
            arguments.push(self.any()?);
        }
        self.expect(&Token::Close)?;
        let are_texts = arguments.iter().all(|argument| argument.edm().is_none_or(|edm| edm == Edm::Text));
        if arguments.len() == count && are_texts {
            Ok(Expression::Call(function, arguments))
        } else {
            Err(format!("No function signature for the function with name '{name}' matches the specified arguments."))
        }
    }

    fn take_name(&mut self, name: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Name(found) if found == name)).is_some()
    }

    fn expect(&mut self, token: &Token) -> Result<(), String> {
        self.tokens.next_if_eq(token).map(drop).ok_or_else(|| "Syntax error: ')' or ',' expected.".to_owned())
    }
}

/// One part is itself; several have to be conditions.
fn combine(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Parsed {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return Ok(only);
    }
    Ok(several(parts.into_iter().map(condition).collect::<Result<_, _>>()?))
}

fn condition(expression: Expression) -> Parsed {
    match expression.edm() {
        None | Some(Edm::Flag) => Ok(expression),
        Some(other) => Err(format!("A condition is expected, found '{}'.", other.name())),
    }
}

impl Comparison {
    fn named(name: &str) -> Option<Self> {
        match name {
            "eq" => Some(Self::Equal),
            "ne" => Some(Self::NotEqual),
            "gt" => Some(Self::Above),
            "ge" => Some(Self::AtLeast),
            "lt" => Some(Self::Below),
            "le" => Some(Self::AtMost),
            _ => None,
        }
    }

    fn holds(self, left: &Scalar, right: &Scalar) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            // Nothing is above or below nothing.
            _ if *left == Scalar::Null || *right == Scalar::Null => false,
            Self::Above => left > right,
            Self::AtLeast => left >= right,
            Self::Below => left < right,
            Self::AtMost => left <= right,
        }
    }
}

impl Expression {
    pub(in crate::avid) fn holds(&self, row: &Record) -> bool {
        self.value(row) == Scalar::Flag(true)
    }

    /// The type that comes out; `None` for null, which goes with every type.
    fn edm(&self) -> Option<Edm> {
        match self {
            Self::Literal(Scalar::Null) => None,
            // All numbers can be compared.
            Self::Literal(Scalar::Number(_)) | Self::Property(_, Edm::Whole) => Some(Edm::Number),
            Self::Literal(Scalar::Text(_)) | Self::Call(Function::ToLower | Function::ToUpper | Function::Trim, _) => {
                Some(Edm::Text)
            }
            Self::Literal(Scalar::Guid(_)) => Some(Edm::Guid),
            Self::Literal(Scalar::DateTime(_)) => Some(Edm::DateTime),
            Self::Property(_, edm) => Some(*edm),
            Self::Literal(Scalar::Flag(_))
            | Self::Call(..)
            | Self::Compare(..)
            | Self::Not(_)
            | Self::All(_)
            | Self::Any(_) => Some(Edm::Flag),
        }
    }

    fn value(&self, row: &Record) -> Scalar {
        match self {
            Self::Literal(literal) => literal.clone(),
            Self::Property(name, edm) => scalar(row, name, *edm),
            Self::Call(function, arguments) => function.apply(arguments, row),
            Self::Compare(left, comparison, right) => {
                Scalar::Flag(comparison.holds(&left.value(row), &right.value(row)))
            }
            Self::Not(inner) => Scalar::Flag(!inner.holds(row)),
            Self::All(parts) => Scalar::Flag(parts.iter().all(|part| part.holds(row))),
            Self::Any(parts) => Scalar::Flag(parts.iter().any(|part| part.holds(row))),
        }
    }
}

impl Function {
    fn apply(self, arguments: &[Expression], row: &Record) -> Scalar {
        let mut texts = Vec::new();
        for argument in arguments {
            let Scalar::Text(text) = argument.value(row) else { return Scalar::Null };
            texts.push(text);
        }
        match (self, texts.as_slice()) {
            (Self::SubstringOf, [part, whole]) => Scalar::Flag(whole.contains(part.as_str())),
            (Self::StartsWith, [whole, part]) => Scalar::Flag(whole.starts_with(part.as_str())),
            (Self::EndsWith, [whole, part]) => Scalar::Flag(whole.ends_with(part.as_str())),
            (Self::ToLower, [text]) => Scalar::Text(text.to_lowercase()),
            (Self::ToUpper, [text]) => Scalar::Text(text.to_uppercase()),
            (Self::Trim, [text]) => Scalar::Text(text.trim().to_owned()),
            _ => Scalar::Null,
        }
    }
}

/// A row's property as something to compare.
pub(in crate::avid) fn scalar(row: &Record, name: &str, edm: Edm) -> Scalar {
    match (edm, row.get(name)) {
        (Edm::Guid, Some(Value::String(text))) => Scalar::Guid(text.clone()),
        (Edm::DateTime, Some(Value::String(text))) => text.parse().map_or(Scalar::Null, Scalar::DateTime),
        (Edm::Text, Some(Value::String(text))) => Scalar::Text(text.clone()),
        (Edm::Flag, Some(Value::Bool(flag))) => Scalar::Flag(*flag),
        (Edm::Whole | Edm::Number, Some(Value::Number(number))) => number.as_f64().map_or(Scalar::Null, Scalar::Number),
        _ => Scalar::Null,
    }
}
