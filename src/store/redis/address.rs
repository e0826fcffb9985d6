//! URLs of servers and clusters.

use redis::cluster::ClusterClient;
use redis::io::tcp::TcpSettings;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo};
use redis::{RedisError, RedisResult};
use rustls::crypto::{ring, CryptoProvider};

use super::link::{Link, PATIENCE};
use crate::store::StoreError;

/// How many commands may wait to be written, all in one go.
const QUEUE: usize = 1024;

/// How often a command is sent again after a node of a cluster was lost or has moved.
const CLUSTER_RETRIES: u32 = 3;

/// Returns a link to what a URL names. What is wrong with it is told without its password.
pub(super) fn link_to(url: &str) -> Result<Link, StoreError> {
    let (scheme, place) = url.split_once("://").unwrap_or_default();
    let link = match scheme {
        "redis" | "rediss" => node(url).and_then(server),
        "redis+cluster" => nodes("redis", place).and_then(cluster),
        "rediss+cluster" => nodes("rediss", place).and_then(cluster),
        _ => {
            return Err(StoreError::new(
                "the URL of a Redis starts with redis://, rediss://, redis+cluster:// or \
                 rediss+cluster://",
            ))
        }
    };
    link.map_err(|error| unusable(&error))
}

fn unusable(error: &RedisError) -> StoreError {
    let text = error.to_string();
    let reason = text.split(" - ").next().unwrap_or_default();
    StoreError::new(format_args!(
        "the URL of the Redis is not valid: {reason} (what is special in a password is written \
         as %XX)"
    ))
}

fn server(node: ConnectionInfo) -> RedisResult<Link> {
    let is_encrypted = matches!(node.addr(), ConnectionAddr::TcpTls { .. });
    let client = Client::open(node)?;
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE))
        .set_pipeline_buffer_size(QUEUE);
    Ok(Link::dialled(move || {
        let (client, config) = (client.clone(), config.clone());
        async move {
            prepare_tls(is_encrypted);
            client
                .get_multiplexed_async_connection_with_config(&config)
                .await
        }
    }))
}

fn cluster(nodes: Vec<ConnectionInfo>) -> RedisResult<Link> {
    let is_encrypted = nodes
        .iter()
        .any(|node| matches!(node.addr(), ConnectionAddr::TcpTls { .. }));
    let client = ClusterClient::builder(nodes)
        .connection_timeout(PATIENCE)
        .response_timeout(PATIENCE)
        .retries(CLUSTER_RETRIES)
        .tcp_settings(tcp())
        .build()?;
    let link = Link::dialled(move || {
        let client = client.clone();
        async move {
            prepare_tls(is_encrypted);
            client.get_async_connection().await
        }
    });
    Ok(link.lasting())
}

fn node(url: &str) -> RedisResult<ConnectionInfo> {
    let node = url.into_connection_info()?.set_tcp_settings(tcp());
    match node.addr() {
        ConnectionAddr::TcpTls { insecure: true, .. } => Err((
            redis::ErrorKind::InvalidClientConfig,
            "#insecure lets anybody be the server",
        )
            .into()),
        _ => Ok(node),
    }
}

/// Reads `user:password@host:port,host:port`.
fn nodes(scheme: &str, place: &str) -> RedisResult<Vec<ConnectionInfo>> {
    let (user, hosts) = match place.rsplit_once('@') {
        Some((user, hosts)) => (format!("{user}@"), hosts),
        None => (String::new(), place),
    };
    let hosts = hosts.trim_end_matches('/').split(',');
    hosts
        .map(|host| node(&format!("{scheme}://{user}{host}")))
        .collect()
}

/// A request does not wait for the next one to fill a packet with.
fn tcp() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}

/// Without a provider of cryptography, or with two to choose from, TLS would panic.
fn prepare_tls(is_encrypted: bool) {
    if is_encrypted && CryptoProvider::get_default().is_none() {
        // Somebody else may be faster: then theirs is used.
        let _ = ring::default_provider().install_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_clusters_have_urls() {
        for url in [
            "redis://localhost",
            "redis://:secret@10.0.0.1:6380/2",
            "rediss://app:s%3Acret@redis.example.com",
            "redis+cluster://10.0.0.1:7000,10.0.0.2:7000",
            "rediss+cluster://app:secret@a.example.com,b.example.com:6380/",
        ] {
            assert!(link_to(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_told_without_its_password() {
        for (url, wrong) in [
            ("", "starts with"),
            ("localhost:6379", "starts with"),
            ("memcached://:secret@localhost", "starts with"),
            ("redis://", "not valid"),
            ("redis://:se/cret@localhost", "not valid"),
            ("redis://:secret@localhost:port", "not valid"),
            ("redis://:secret@localhost/first", "database"),
            ("rediss://:secret@localhost/#insecure", "#insecure"),
            ("redis+cluster://:secret@", "not valid"),
            ("redis+cluster://:secret@a,,b", "not valid"),
        ] {
            let error = link_to(url).err().expect(url).to_string();
            assert!(error.contains(wrong), "{url}: {error}");
            assert!(!error.contains("cret"), "{error}");
        }
    }
}
