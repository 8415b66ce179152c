package io.alldocs.storage.s3;

import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.StorageException;
import java.io.IOException;
import java.util.Set;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Translates errors of the SDK into storage exceptions and decides which of them are retryable. The decision uses the
 * status and the <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html">error code</a>, never
 * the message text.
 */
final class Failures {
    private static final Set<String> PASSING = Set.of(
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "RequestLimitExceeded",
            "RequestTimeout",
            "InternalError",
            "ServiceUnavailable",
            "OperationAborted",
            "ConditionalRequestConflict");

    private Failures() {}

    static StorageException of(DriverSupport support, String verb, String key, SdkException cause) {
        IOException broken = brokenBody(cause);
        if (broken != null) {
            return support.unreadableBody(verb, key, broken);
        }
        if (cause instanceof AwsServiceException answer) {
            return support.failure(verb, key, message(answer), mayPass(answer.statusCode(), code(answer)), cause);
        }
        if (cause instanceof AbortedException || has(cause, InterruptedException.class)) {
            // The SDK clears the interrupt flag when it ends a wait.
            throw support.interrupted(verb, key, cause);
        }
        boolean unreachable = has(cause, IOException.class)
                || has(cause, XMLStreamException.class)
                || cause instanceof ApiCallTimeoutException
                || cause instanceof ApiCallAttemptTimeoutException;
        String advice = unreachable
                ? "the store could not be reached, or its response was incomplete (check the network and the endpoint); "
                : "the request could not be sent. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, and check AWS_REGION and"
                        + " the endpoint; ";
        return support.failure(verb, key, advice + brief(cause), unreachable, cause);
    }

    /** Returns the SDK's message without the objects that it prints. */
    static String brief(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.split("[(@\\[]", 2)[0].strip();
    }

    /**
     * Wraps the exceptions that the SDK throws for a malformed response, such as a status below 0 or an invalid date.
     */
    static StorageException ofAnswer(DriverSupport support, String verb, String key, Throwable cause) {
        return support.failure(
                verb,
                key,
                "the store's response cannot be parsed (check the endpoint and the proxy); " + cause,
                true,
                cause);
    }

    /** Returns the exception for one failed key in an otherwise successful response. */
    static StorageException of(DriverSupport support, String verb, String key, String code, @Nullable String text) {
        return support.failure(verb, key, advice(200, code) + code + ", " + text, mayPass(200, code), null);
    }

    static @Nullable String code(AwsServiceException answer) {
        return answer.awsErrorDetails() == null
                ? null
                : answer.awsErrorDetails().errorCode();
    }

    private static @Nullable IOException brokenBody(Throwable error) {
        Throwable each = error;
        while (each != null) {
            if (each instanceof Upload.BrokenBodyException broken) {
                return broken.reason();
            }
            each = each.getCause();
        }
        return null;
    }

    private static boolean has(Throwable error, Class<? extends Throwable> type) {
        Throwable each = error;
        while (each != null) {
            if (type.isInstance(each)) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }

    private static boolean mayPass(int status, @Nullable String code) {
        return DriverSupport.isTransient(status) || (code != null && PASSING.contains(code));
    }

    private static String message(AwsServiceException answer) {
        String code = code(answer);
        return advice(answer.statusCode(), code) + (code == null ? "" : code + ", ") + answer.getMessage();
    }

    private static String advice(int status, @Nullable String code) {
        return switch (code == null ? "" : code) {
            case "NoSuchBucket" ->
                "the bucket does not exist (check its name, the region and the endpoint, or create it); ";
            case "ExpiredToken", "TokenRefreshRequired" -> "the session's credentials have expired; renew them; ";
            case "InvalidAccessKeyId", "InvalidToken" -> "the store does not know these credentials; ";
            case "SignatureDoesNotMatch" ->
                "the secret key does not belong to the access key, or the region is wrong; ";
            case "RequestTimeTooSkewed" -> "this machine's clock is wrong; set it; ";
            case "PermanentRedirect", "AuthorizationHeaderMalformed" ->
                "the bucket is in another region; set AWS_REGION; ";
            case "BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch" ->
                "the body does not match the digest in its head; ";
            case "NotImplemented" -> "this store does not support the operation; ";
            default -> advice(status);
        };
    }

    private static String advice(int status) {
        if (status == 401 || status == 403) {
            return "the credentials lack a permission (s3:GetObject, s3:PutObject, s3:DeleteObject or s3:ListBucket); ";
        }
        return status == 429 || status == 503 ? "the store throttles requests; lower the concurrency; " : "";
    }
}
