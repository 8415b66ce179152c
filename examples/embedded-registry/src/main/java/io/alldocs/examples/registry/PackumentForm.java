package io.alldocs.examples.registry;

/** The two forms the registry serves a packument in. */
public enum PackumentForm {
    /** The default: everything, with {@code _id}, {@code _rev}, {@code time} and the readme. */
    FULL("application/json"),
    /** What an installer needs, asked for with {@code Accept: application/vnd.npm.install-v1+json}. */
    ABBREVIATED("application/vnd.npm.install-v1+json");

    private final String contentType;

    PackumentForm(String contentType) {
        this.contentType = contentType;
    }

    /** Returns the media type of answers in this form. */
    public String contentType() {
        return contentType;
    }
}
