package io.alldocs.storage.s3;

import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.StorageException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * Refuses responses that the store did not send. The SDK reads any successful response: a proxy's page is a listing
 * without keys, or an object without metadata.
 */
final class Responses {
    private final DriverSupport support;
    private final String verb;
    private final String key;

    Responses(DriverSupport support, String verb, String key) {
        this.support = support;
        this.verb = verb;
        this.key = key;
    }

    /**
     * Refuses a response that lacks what the store always sends.
     *
     * @param present whether the response has it
     * @param what it is, for the message
     */
    void require(boolean present, String what, SdkResponse answer) {
        if (!present) {
            throw foreign("without " + what, answer.sdkHttpResponse());
        }
    }

    /** Refuses the response to a read of an object, unless it has metadata of a driver, or can be another object. */
    void requireObject(Map<String, String> metadata, @Nullable String eTag, SdkResponse answer) {
        if (Heads.json(metadata).isEmpty()) {
            require(eTag != null, "an ETag", answer);
            requireNoPage(answer);
        }
    }

    /** Refuses a page of HTML, which is neither a response of S3 nor an object of a cache. */
    void requireNoPage(SdkResponse answer) {
        if (isPage(answer.sdkHttpResponse())) {
            throw foreign("which is a page of HTML", answer.sdkHttpResponse());
        }
    }

    static boolean isPage(SdkHttpResponse answer) {
        return type(answer).toLowerCase(Locale.ROOT).startsWith("text/html");
    }

    private static String type(SdkHttpResponse answer) {
        return answer.firstMatchingHeader("content-type").orElse("no content type");
    }

    private StorageException foreign(String how, SdkHttpResponse answer) {
        return support.foreignResponse(
                verb, key, "HTTP " + answer.statusCode() + " and " + type(answer) + ", " + how, null);
    }
}
