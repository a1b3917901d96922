// Package model holds the JSON shapes of the HTTP contract: what the API answers,
// events and webhooks carry, and the command line prints. It has types and no
// behaviour, and imports nothing of ours.
package model
