/**
 * A storage driver on Amazon S3 and compatible stores.
 *
 * <p>The jars of the AWS SDK name their modules in their manifests only.
 *
 * @since 0.1.0
 */
@SuppressWarnings({"module", "requires-automatic", "requires-transitive-automatic"})
module io.alldocs.storage.s3 {
    requires transitive io.alldocs.cache;
    requires java.xml;
    requires static transitive org.jspecify;
    requires org.slf4j; // The SDK uses it. Without this line, it is not found on the module path.
    requires transitive software.amazon.awssdk.auth;
    requires software.amazon.awssdk.awscore;
    requires software.amazon.awssdk.core;
    requires software.amazon.awssdk.http;
    requires software.amazon.awssdk.http.urlconnection;
    requires software.amazon.awssdk.regions;
    requires software.amazon.awssdk.retries;
    requires software.amazon.awssdk.retries.api;
    requires transitive software.amazon.awssdk.services.s3;

    exports io.alldocs.storage.s3;

    provides io.alldocs.cache.spi.StorageDriverProvider with
            io.alldocs.storage.s3.S3StorageProvider;
}
