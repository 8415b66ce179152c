package io.alldocs.storage.s3;

import java.net.URI;
import java.time.Duration;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Creates a driver's own client; the package description explains the settings. */
final class ClientOptions {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** Limits the time without data, not the length of a transfer. */
    private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(60);

    @Nullable
    URI endpoint;

    @Nullable
    String region;

    @Nullable
    Boolean pathStyle;

    @Nullable
    AwsCredentialsProvider credentials;

    int maxAttempts = 3;

    S3Client client() {
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .socketTimeout(SOCKET_TIMEOUT))
                .overrideConfiguration(
                        override -> override.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(maxAttempts)
                                // The SDK's parser throws it for a truncated answer.
                                .retryOnExceptionOrCauseInstanceOf(XMLStreamException.class)
                                .build()))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false).expectContinueEnabled(false))
                .forcePathStyle(pathStyle == null ? endpoint != null : pathStyle);
        if (endpoint != null) {
            builder.endpointOverride(endpoint).region(Region.US_EAST_1);
        }
        if (region != null) {
            builder.region(Region.of(region));
        }
        if (credentials != null) {
            builder.credentialsProvider(credentials);
        }
        try {
            return builder.build();
        } catch (SdkClientException e) {
            throw new IllegalArgumentException(
                    "Cannot create a client for S3: no region is configured. Set AWS_REGION, such as us-east-1, or"
                            + " pass a region in code; "
                            + Failures.brief(e),
                    e);
        }
    }
}
