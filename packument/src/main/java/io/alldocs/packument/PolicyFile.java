package io.alldocs.packument;

import io.alldocs.http.TextLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A {@link VersionPolicy} in a file that is reloaded when it changes. If the file is missing, unreadable or not a valid
 * policy, the last good policy stays in force. Safe for concurrent use.
 *
 * <p>The caller invokes {@link #refresh} periodically, such as twice a second. New content is applied when two
 * consecutive calls find it, because an editor may still be writing the file.
 */
public final class PolicyFile {
    private static final System.Logger LOG = System.getLogger(PolicyFile.class.getName());

    /** Maximum size of a file: about 100,000 lines. */
    private static final long MAX_BYTES = 8L << 20;

    private final Path path;
    private final ReentrantLock lock = new ReentrantLock();

    /** The result of the last read: the text of the file, or the message of an error. */
    private String seen;

    private String judged;
    private volatile InForce inForce;
    private volatile @Nullable String problem;

    /**
     * A policy and the time when it came into force.
     *
     * @param since when the file was last modified
     */
    private record InForce(VersionPolicy policy, Instant since) {}

    /** The result of {@link #refresh}. */
    public enum Refresh {
        /** The policy in force is unchanged. */
        UNCHANGED,
        /** Another policy is now in force. */
        APPLIED,
        /** The file has changed and is not a valid policy; the last good one stays in force. */
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
     * Reads a policy file. The text has the format that {@link VersionPolicy#parse} describes, in UTF-8, or in UTF-16
     * with a byte order mark.
     *
     * @throws IllegalArgumentException if the file cannot be read, is larger than 8 MiB, or is not a valid policy. The
     *     message contains the file and the line
     */
    public static PolicyFile open(Path path) {
        return new PolicyFile(path);
    }

    /** Returns the policy in force. */
    public VersionPolicy policy() {
        return inForce.policy();
    }

    /** Returns the time when the file was last modified, which is when it received the policy in force. */
    public Instant since() {
        return inForce.since();
    }

    /** Returns why the content of the file is not in force; empty if it is. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** Returns the path of the file. */
    public Path path() {
        return path;
    }

    /** Reads the file again. Logs each change, at WARNING if the last good policy stays in force. */
    public Refresh refresh() {
        lock.lock();
        try {
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
                LOG.log(
                        System.Logger.Level.DEBUG,
                        "Revision {1} of the policy {0} is in force.",
                        path,
                        policy.revision());
                return other ? Refresh.APPLIED : Refresh.UNCHANGED;
            } catch (IllegalArgumentException e) {
                problem = problem(e);
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} The last valid policy, revision {1}, stays in force.",
                        problem,
                        policy().revision());
                return Refresh.REFUSED;
            }
        } finally {
            lock.unlock();
        }
    }

    private String problem(IllegalArgumentException e) {
        return "The policy file " + path + " cannot be used: " + e.getMessage()
                + (String.valueOf(e.getMessage()).endsWith(".") ? "" : ".");
    }

    /** Marks a text as the message of an error. No text file begins with this character. */
    private static final char ERROR = '\0';

    /**
     * @param again whether the file was read before; if so, a pipe or a device is not read, because the read may never
     *     end
     */
    private String content(boolean again) {
        try {
            if (again && Files.exists(path) && !Files.isRegularFile(path)) {
                return ERROR + "it is not a regular file";
            }
            if (Files.size(path) > MAX_BYTES) {
                return ERROR + "it is larger than " + (MAX_BYTES >> 20) + " MiB";
            }
            return TextLines.readAll(path);
        } catch (NoSuchFileException e) {
            return ERROR + "the file does not exist";
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
            return Instant.EPOCH; // the file was deleted after it was read
        }
    }
}
