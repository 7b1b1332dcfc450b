//! One request as it goes over the wire, and reading what comes back.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use form_urlencoded::Serializer;
use http::header::{CONTENT_TYPE, IF_MATCH, LOCATION};
use http::{HeaderMap, HeaderValue, Method};
use reqwest::Response;
use url::Url;

use crate::connection::prepared::{Prepared, push_parameter};
use crate::error::{VendorError, failed_exchange};
use crate::wire::encodings::plain;
use crate::wire::memory::{Memory, Received, SMALL_BYTES, kept};
use crate::wire::pool::Pool;
use crate::wire::reply::VendorReply;
use crate::wire::request::{VendorBody, VendorRequest};

/// No body is given this much memory before its first byte has come.
const FIRST_GUESS_BYTES: usize = 256 * 1024;

/// A request that can be sent more than once: everything in it is cheap to clone.
pub(crate) struct Outgoing {
    method: Method,
    pub(crate) url: Url,
    body: EncodedBody,
    if_match: Option<HeaderValue>,
    pub(crate) prepared: Arc<Prepared>,
}

/// The encoded body and its type.
#[derive(Clone)]
pub(crate) struct EncodedBody {
    bytes: Bytes,
    content_type: Option<&'static str>,
}

impl EncodedBody {
    pub(crate) fn new(body: VendorBody) -> Self {
        match body {
            VendorBody::None => Self { bytes: Bytes::new(), content_type: None },
            VendorBody::Json(text) => Self { bytes: text.into(), content_type: Some("application/json") },
            VendorBody::Xml(text) => Self { bytes: text.into(), content_type: Some("application/xml") },
            VendorBody::Form(members) => {
                let text = Serializer::new(String::new()).extend_pairs(members).finish();
                Self { bytes: text.into(), content_type: Some("application/x-www-form-urlencoded") }
            }
        }
    }
}

impl Outgoing {
    pub(crate) fn new(
        request: &VendorRequest,
        body: &EncodedBody,
        prepared: Arc<Prepared>,
    ) -> Result<Self, VendorError> {
        let mut query = prepared.query.clone();
        for (name, value) in &request.query {
            push_parameter(&mut query, name, value);
        }
        let url = prepared.address.url(&request.path, &query)?;
        Ok(Self {
            method: request.method.clone(),
            url,
            body: body.clone(),
            if_match: request.if_match.clone(),
            prepared,
        })
    }

    /// Sends it and reads the whole answer, within its limits after decompression.
    pub(crate) async fn exchange(&self, pool: &Pool, limits: &AnswerLimits<'_>) -> Result<VendorReply, VendorError> {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        *request.headers_mut() = self.headers();
        if self.body.content_type.is_some() {
            *request.body_mut() = Some(self.body.bytes.clone().into());
        }
        let host = &self.prepared.address.host;
        let mut response = pool.execute(host, request).await?;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let body = match read_plain(&mut response, &headers, host, limits).await {
            // What the vendor refuses stays refused, also where its reasons are cut off or too long.
            Err(_) if (400..500).contains(&status) => Bytes::new(),
            body => body?,
        };
        Ok(VendorReply { status, headers, body })
    }

    /// The headers that it is sent with.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = self.prepared.headers.clone();
        if let Some(content_type) = self.body.content_type {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
        }
        if let Some(tag) = &self.if_match {
            headers.insert(IF_MATCH, tag.clone());
        }
        headers
    }

    /// The address, without the values of query parameters that hold a secret.
    pub(crate) fn shown_url(&self) -> String {
        let secret =
            self.prepared.query_names.iter().filter(|(_, is_secret)| *is_secret).map(|(name, _)| name.as_str());
        let secret: Vec<&str> = secret.collect();
        if secret.is_empty() {
            return self.url.as_str().to_owned();
        }
        let mut shown = self.url.clone();
        let pairs = self.url.query_pairs().map(|(name, value)| {
            let value = if secret.contains(&&*name) { "[redacted]".into() } else { value };
            (name, value)
        });
        shown.query_pairs_mut().clear().extend_pairs(pairs);
        shown.into()
    }

    pub(crate) fn body_bytes(&self) -> Bytes {
        self.body.bytes.clone()
    }

    /// Where a redirect leads if it may be followed: to the same scheme, host and port, by the same method.
    pub(crate) fn redirected(&self, reply: &VendorReply) -> Option<Self> {
        let keeps_method = match reply.status {
            301..=303 => self.method == Method::GET || self.method == Method::HEAD,
            307 | 308 => true,
            _ => false,
        };
        let url = self.url.join(reply.headers.get(LOCATION)?.to_str().ok()?).ok()?;
        let is_same_origin = url.origin() == self.url.origin() && url.username().is_empty() && url.password().is_none();
        (keeps_method && is_same_origin).then(|| Self {
            method: self.method.clone(),
            url,
            body: self.body.clone(),
            if_match: self.if_match.clone(),
            prepared: Arc::clone(&self.prepared),
        })
    }
}

/// How large an answer may be.
pub(crate) struct AnswerLimits<'a> {
    /// One answer.
    pub(crate) answer_bytes: usize,
    /// All answers of a call.
    pub(crate) call_bytes: usize,
    /// What the call has received already.
    pub(crate) received: &'a Received,
    /// The memory for large answers.
    pub(crate) memory: &'a Memory,
}

/// Reads the whole answer, within its limits, as UTF-8 and without the encodings that its headers name.
pub(crate) async fn read_plain(
    response: &mut Response,
    headers: &HeaderMap,
    host: &str,
    limits: &AnswerLimits<'_>,
) -> Result<Bytes, VendorError> {
    plain(headers, read(response, host, limits).await?, host, limits).await
}

/// Reads the whole answer, within its limits. A large one waits until there is room for it.
async fn read(response: &mut Response, host: &str, limits: &AnswerLimits<'_>) -> Result<Bytes, VendorError> {
    let limit_bytes = limits.answer_bytes;
    let too_large = || VendorError::TooLarge { limit_bytes };
    let announced = response.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length > limit_bytes) {
        return Err(too_large());
    }
    let (mut body, mut room) = (BytesMut::new(), None);
    while let Some(chunk) = response.chunk().await.map_err(|error| failed_exchange(host, error))? {
        if chunk.len() > limit_bytes - body.len() {
            return Err(too_large());
        }
        limits.received.add(chunk.len(), limits.call_bytes)?;
        if announced == Some(chunk.len()) && chunk.len() <= SMALL_BYTES {
            return Ok(chunk);
        }
        if room.is_none() && body.len() + chunk.len() > SMALL_BYTES {
            room = limits.memory.room_for(announced.unwrap_or(limit_bytes)).await;
        }
        if body.is_empty() {
            body.reserve(announced.unwrap_or_default().clamp(chunk.len(), FIRST_GUESS_BYTES.max(chunk.len())));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(kept(body.freeze(), room))
}
