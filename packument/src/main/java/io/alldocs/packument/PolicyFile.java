package io.alldocs.packument;

import io.alldocs.http.TextLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link VersionPolicy} in a file that is read again when it changes. Content that cannot be read, or is no policy, leaves the last good policy in force;
 * so does a file that is gone. Safe for concurrent use.
 *
 * <p>Whoever uses it calls {@link #refresh} from time to time, such as twice a second. New content counts when two calls in a row find it, because an
 * editor may be in the middle of writing it.
 */
public final class PolicyFile {
    private static final System.Logger LOG = System.getLogger(PolicyFile.class.getName());

    /** Of a file: some 100,000 lines. */
    private static final long MAX_BYTES = 8L << 20;

    private final Path path;

    /** What the last call of refresh found: the text, or the message of an error. */
    private String seen;

    private String judged;
    private volatile InForce inForce;
    private volatile @Nullable String problem;

    /**
     * A policy and the time since when it holds.
     *
     * @param since when the file was last modified
     */
    private record InForce(VersionPolicy policy, Instant since) {}

    /** What {@link #refresh} found. */
    public enum Refresh {
        /** The policy in force stays. */
        UNCHANGED,
        /** Another policy is in force now. */
        APPLIED,
        /** The file has changed, and what it has become is no policy: the last good one stays in force. */
        REFUSED
    }

    private PolicyFile(Path path) {
        this.path = path;
        this.seen = content(/* again= */ false);
        this.judged = seen;
        try {
            this.inForce = new InForce(VersionPolicy.parse(readable(seen)), modified());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(problem(e), e);
        }
    }

    /**
     * Reads a policy file: the text that {@link VersionPolicy#parse} describes, in UTF-8, or in UTF-16 with a byte order mark.
     *
     * @throws IllegalArgumentException when it cannot be read, has more than 8 MiB, or is no policy; the message names the file and the line
     */
    public static PolicyFile open(Path path) {
        return new PolicyFile(path);
    }

    /** The policy in force. */
    public VersionPolicy policy() {
        return inForce.policy();
    }

    /** Since when the policy in force is in the file: the time at which the file was last modified. */
    public Instant since() {
        return inForce.since();
    }

    /** Why the content of the file is not in force; empty when it is. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** Reads the file again. A log line reports each change, at WARNING when the last good policy stays. */
    public synchronized Refresh refresh() {
        String content = content(/* again= */ true);
        boolean settled = content.equals(seen);
        seen = content;
        if (!settled || content.equals(judged)) {
            return Refresh.UNCHANGED;
        }
        judged = content;
        try {
            VersionPolicy policy = VersionPolicy.parse(readable(content));
            boolean other = !policy.revision().equals(policy().revision());
            inForce = new InForce(policy, modified());
            problem = null;
            LOG.log(System.Logger.Level.DEBUG, "The policy {0} is in force, revision {1}", path, policy.revision());
            return other ? Refresh.APPLIED : Refresh.UNCHANGED;
        } catch (IllegalArgumentException e) {
            problem = problem(e);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} The last good policy stays in force, revision {1}",
                    problem,
                    policy().revision());
            return Refresh.REFUSED;
        }
    }

    private String problem(IllegalArgumentException e) {
        return "The policy file " + path + " cannot be used: " + e.getMessage()
                + (String.valueOf(e.getMessage()).endsWith(".") ? "" : ".");
    }

    /** A text that begins with this character, which no text file has, is the message of an error. */
    private static final char ERROR = '\0';

    /** @param again whether it was read before: then a pipe or a device, of which reading may never end, is not */
    private String content(boolean again) {
        try {
            if (again && Files.exists(path) && !Files.isRegularFile(path)) {
                return ERROR + "it is not a regular file";
            }
            if (Files.size(path) > MAX_BYTES) {
                return ERROR + "it has more than " + (MAX_BYTES >> 20) + " MiB";
            }
            return TextLines.readAll(path);
        } catch (NoSuchFileException e) {
            return ERROR + "there is no such file";
        } catch (IOException e) {
            return ERROR + "it cannot be read (" + e + ")";
        }
    }

    private static String readable(String content) {
        if (!content.isEmpty() && content.charAt(0) == ERROR) {
            throw new IllegalArgumentException(content.substring(1));
        }
        return content;
    }

    private Instant modified() {
        try {
            return Files.getLastModifiedTime(path).toInstant();
        } catch (IOException e) {
            return Instant.EPOCH; // it is gone since it was read
        }
    }
}
