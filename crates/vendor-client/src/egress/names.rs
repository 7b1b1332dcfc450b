//! How many names are looked up at once. The system's resolver keeps a thread for as long as it waits for name servers, and threads
//! are few: names that are never answered must not take them all.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::egress::guard::Trust;
use crate::egress::resolver::Resolver;

/// How many names that tenants chose are looked up at once, and how many of one application's.
const MOST_OF_TENANTS: usize = 192;
const MOST_OF_ONE_APPLICATION: usize = 16;
/// How many of the operator's and the definitions' own: they never wait for tenants'.
const MOST_OF_OPERATOR: usize = 64;

tokio::task_local! {
    /// The application whose call is under way.
    static APPLICATION: Arc<str>;
}

/// Looks names up, so many at once.
pub(crate) struct Names {
    resolver: Arc<dyn Resolver>,
    operator: Arc<Semaphore>,
    tenants: Arc<Semaphore>,
    applications: Mutex<HashMap<Arc<str>, Weak<Semaphore>>>,
}

/// What a lookup holds until it is over, whoever still waits for it.
type Places = (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>);

/// Does `work` for an application: the names that it looks up are counted as this one's.
pub(crate) async fn on_behalf_of<F: Future>(application: Arc<str>, work: F) -> F::Output {
    APPLICATION.scope(application, work).await
}

impl Names {
    pub(crate) fn new(resolver: Arc<dyn Resolver>) -> Self {
        Self {
            resolver,
            operator: Arc::new(Semaphore::new(MOST_OF_OPERATOR)),
            tenants: Arc::new(Semaphore::new(MOST_OF_TENANTS)),
            applications: Mutex::default(),
        }
    }

    /// Every address of `host`. It has to be called where the request is sent, which knows for whom.
    pub(crate) fn addresses(
        self: &Arc<Self>,
        host: String,
        trust: Trust,
    ) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send + use<> {
        let application = APPLICATION.try_with(Arc::clone).unwrap_or_else(|_| Arc::from(""));
        let names = Arc::clone(self);
        async move {
            let places = names.places(application, trust).await.map_err(io::Error::other)?;
            let resolver = Arc::clone(&names.resolver);
            // It goes on when nobody waits any more, since its thread does as well.
            let lookup = tokio::spawn(async move {
                let _places = places;
                resolver.addresses(&host).await
            });
            lookup.await.map_err(io::Error::other)?
        }
    }

    async fn places(&self, application: Arc<str>, trust: Trust) -> Result<Places, AcquireError> {
        match trust {
            Trust::Operator => Ok((Arc::clone(&self.operator).acquire_owned().await?, None)),
            Trust::Tenant | Trust::Plain => {
                // First its own: an application that waits for itself keeps nobody else waiting.
                let own = self.of(application).acquire_owned().await?;
                Ok((Arc::clone(&self.tenants).acquire_owned().await?, Some(own)))
            }
        }
    }

    fn of(&self, application: Arc<str>) -> Arc<Semaphore> {
        let mut applications = self.applications.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = applications.get(&application).and_then(Weak::upgrade) {
            return places;
        }
        // Applications that look up nothing are forgotten.
        applications.retain(|_, places| places.strong_count() > 0);
        let places = Arc::new(Semaphore::new(MOST_OF_ONE_APPLICATION));
        applications.insert(application, Arc::downgrade(&places));
        places
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use tokio::time::timeout;

    use super::*;

    /// Never answers for hosts below `silent.example`.
    #[derive(Default)]
    struct HalfSilent(AtomicUsize);

    #[async_trait]
    impl Resolver for HalfSilent {
        async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
            if host.ends_with("silent.example") {
                self.0.fetch_add(1, Ordering::Relaxed);
                std::future::pending::<()>().await;
            }
            Ok(vec![IpAddr::from([192, 0, 2, 1])])
        }
    }

    /// Asks for an application, within a second.
    async fn ask(names: &Arc<Names>, application: &str, host: &str, trust: Trust) -> Option<Vec<IpAddr>> {
        let lookup = async { names.addresses(host.to_owned(), trust).await };
        let lookup = on_behalf_of(application.into(), lookup);
        timeout(Duration::from_secs(1), lookup).await.ok().map(|found| found.expect("addresses"))
    }

    #[tokio::test(start_paused = true)]
    async fn names_that_are_never_answered_take_no_more_places_than_their_application_has() {
        let resolver = Arc::new(HalfSilent::default());
        let names = Arc::new(Names::new(Arc::clone(&resolver) as Arc<dyn Resolver>));
        for number in 0..100 {
            assert_eq!(ask(&names, "greedy", &format!("{number}.silent.example"), Trust::Tenant).await, None);
        }
        assert_eq!(resolver.0.load(Ordering::Relaxed), MOST_OF_ONE_APPLICATION, "threads, with the system's resolver");
        assert_eq!(ask(&names, "greedy", "good.example", Trust::Tenant).await, None, "it waits for itself");
        assert!(ask(&names, "other", "good.example", Trust::Tenant).await.is_some());
        assert!(ask(&names, "greedy", "api.example", Trust::Operator).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_applications_there_are_the_operators_names_are_answered() {
        let names = Arc::new(Names::new(Arc::new(HalfSilent::default())));
        for application in 0..20 {
            for number in 0..MOST_OF_ONE_APPLICATION {
                let host = format!("{number}.silent.example");
                assert_eq!(ask(&names, &application.to_string(), &host, Trust::Plain).await, None);
            }
        }
        assert_eq!(names.tenants.available_permits(), 0);
        assert!(ask(&names, "any", "api.example", Trust::Operator).await.is_some());
        drop(names.places("gone".into(), Trust::Operator).await);
        assert!(names.applications.lock().expect("lock").len() <= 20);
    }
}
