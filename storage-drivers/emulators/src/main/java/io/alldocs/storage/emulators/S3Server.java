package io.alldocs.storage.emulators;

import java.net.URI;
import java.net.URISyntaxException;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** S3Proxy on 127.0.0.1 with its objects in memory, one instance for all tests of a JVM. It verifies signatures. */
public final class S3Server {
    /** The only user. */
    public static final String ACCESS_KEY = "AKIATESTTESTTESTTEST";

    /** That user's secret. */
    public static final String SECRET_KEY = "planted-Secret/Key+0123456789abcdefghijk";

    /** The bucket that exists. */
    public static final String BUCKET = "cache";

    private static final class Holder {
        static final S3Server INSTANCE = new S3Server();
    }

    private final BlobStore store = new AtomicStore(new TransientNio2BlobStore());
    private final S3Proxy proxy;
    private final S3Client client;

    private S3Server() {
        try {
            proxy = S3Proxy.builder()
                    .blobStore(store)
                    .endpoint(new URI("http://127.0.0.1:0"))
                    .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
                    .build();
            proxy.start();
            Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start S3Proxy", e);
        }
        client = vendorClient(endpoint());
        client.createBucket(request -> request.bucket(BUCKET));
    }

    /** Returns the running server, started if necessary. It stops with the JVM. */
    public static S3Server running() {
        return Holder.INSTANCE;
    }

    private void stop() {
        try {
            proxy.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot stop S3Proxy", e);
        }
    }

    /** Returns the server's address. */
    public URI endpoint() {
        try {
            return new URI("http://127.0.0.1:" + proxy.getPort());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the credentials of the only user. */
    public static StaticCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY));
    }

    /** Returns a plain SDK client with its own defaults, for this server or a proxy in front of it. */
    public static S3Client vendorClient(URI endpoint) {
        return S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .endpointOverride(endpoint)
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .credentialsProvider(credentials())
                .build();
    }

    /** Returns a client that inspects the store without the driver. */
    public S3Client client() {
        return client;
    }

    /** Empties the bucket directly, without HTTP. */
    public void clear() {
        boolean more = true;
        while (more) {
            ListObjectsV2Response page =
                    store.list(ListObjectsV2Request.builder().bucket(BUCKET).build());
            for (S3Object object : page.contents()) {
                store.removeBlob(DeleteObjectRequest.builder()
                        .bucket(BUCKET)
                        .key(object.key())
                        .build());
            }
            more = !page.contents().isEmpty();
        }
    }
}
