package io.alldocs.storage.s3;

import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.ValueTooLargeException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Sends requests to one bucket and translates their errors. Safe for concurrent use. */
final class Bucket {
    private final S3Client client;
    private final String name;
    private final DriverSupport support;
    private volatile boolean seen;

    Bucket(S3Client client, String name, DriverSupport support) {
        this.client = client;
        this.name = name;
        this.support = support;
    }

    S3Client client() {
        return client;
    }

    String name() {
        return name;
    }

    DriverSupport support() {
        return support;
    }

    /** A request of the SDK, with its retries. */
    interface Request<T> {
        T send();
    }

    /**
     * Sends a request.
     *
     * @param verb followed by {@code key} in the message of an exception
     */
    <T> T attempt(String verb, String key, Request<T> request) {
        support.requireOpen();
        try {
            return request.send();
        } catch (SdkException e) {
            throw Failures.of(support, verb, key, e);
        } catch (Upload.BrokenBodyException e) {
            throw support.unreadableBody(verb, key, e.reason());
        } catch (ValueTooLargeException e) {
            throw e;
        } catch (IllegalArgumentException
                | NullPointerException
                | IndexOutOfBoundsException
                | DateTimeException
                | UncheckedIOException
                | StackOverflowError e) {
            // StackOverflowError: the SDK's parsers recurse for each level of a response.
            throw Failures.ofAnswer(support, verb, key, e);
        }
    }

    /** Sends a request for one object; empty if the object does not exist. */
    <T> Optional<T> attemptOnObject(String verb, String key, Request<T> request) {
        return attempt(verb, key, () -> absentAsEmpty(request));
    }

    private static <T> Optional<T> absentAsEmpty(Request<T> request) {
        try {
            return Optional.of(request.send());
        } catch (S3Exception e) {
            String code = Failures.code(e);
            boolean page = e.awsErrorDetails() != null
                    && Responses.isPage(e.awsErrorDetails().sdkHttpResponse());
            if (e.statusCode() == 404
                    && !page
                    && (code == null || code.equals("NoSuchKey") || code.equals("NotFound"))) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Reads the metadata of an object; empty if the object does not exist. */
    Optional<HeadObjectResponse> look(String verb, String key) {
        String object = support.nameOf(key);
        Optional<HeadObjectResponse> answer = attemptOnObject(
                verb,
                key,
                () -> client.headObject(request -> request.bucket(name).key(object)));
        Responses answers = new Responses(support, verb, key);
        if (answer.isPresent()) {
            answers.requireObject(answer.get().metadata(), answer.get().eTag(), answer.get());
            seen = true;
        } else if (!seen) {
            // A 404 response to HEAD does not say whether the object or the bucket is missing.
            answers.requireNoPage(attempt(verb, key, () -> client.headBucket(request -> request.bucket(name))));
            seen = true;
        }
        return answer;
    }
}
